package hub

import (
	"context"
	"sync"
	"time"

	"serai/internal/access"
	"serai/internal/web"
)

// Service tells the desk how the node is reached.
type Service struct {
	dir   string
	now   func() time.Time
	rival func() []Rival
	once  sync.Mutex
}

// New returns the service of a data directory. rival lists who else answers to the hub's name; it may be nil.
func New(dir string, now func() time.Time, rival func() []Rival) *Service {
	return &Service{dir: dir, now: now, rival: rival}
}

// Routes is the table of contents of this room.
func (s *Service) Routes(m *web.Mux) {
	web.Get(m, "/api/hub", web.May("network.read"), s.get, web.Summary("How devices reach this node: its certificate, and the fingerprint to compare"))
}

type hubView struct {
	Status
	Now    time.Time `json:"now" doc:"What the clock of the node says"`
	Rivals []Rival   `json:"rivals,omitempty" doc:"Machines that answer to the name of this hub and are not it"`
}

type nothing struct{}

func (s *Service) get(context.Context, access.Actor, *nothing) (hubView, error) {
	s.once.Lock() // the first look stretches the fingerprint; a crowd of them waits for one
	defer s.once.Unlock()
	st, err := Show(s.dir)
	if err != nil {
		return hubView{}, err
	}
	out := hubView{Status: st, Now: s.now().UTC().Truncate(time.Second)}
	if s.rival != nil {
		out.Rivals = s.rival()
	}
	return out, nil
}
