package outbox

import (
	"context"
	"fmt"

	"serai/internal/fault"
)

// Import does the entries of a file that a device exported, however many, for the console. Nobody sees the answers.
func (s *Service) Import(ctx context.Context, b []byte) ([]Result, error) {
	f, err := s.read(b)
	if err != nil {
		return nil, err
	}
	if f.Outbox == 0 {
		return nil, fault.Field("serai_outbox", "outbox.bad_file", "this is no file of a desk; export it on the device, under Unsent work")
	}
	return s.Take(ctx, Batch{Entries: f.Entries}), nil
}

// read reads a file or a request, and refuses one that was made for another node as a whole: none of it could be opened.
func (s *Service) read(b []byte) (File, error) {
	f, err := ReadFile(b)
	if err == nil && f.Node != "" && f.Node != s.id {
		err = fault.Field("node", "outbox.other_node", fmt.Sprintf("this was sealed for another node, whose key is %s; the key of this one is %s: bring it to the node at which the device was signed in", short(f.Node), s.id))
	}
	return f, err
}

// short keeps what somebody invented from filling an answer.
func short(id string) string {
	if len(id) != 11 {
		return "unknown"
	}
	for _, c := range id {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return "unknown"
		}
	}
	return id
}
