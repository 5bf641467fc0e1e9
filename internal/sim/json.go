package sim

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// line kinds that are not events.
const (
	lineConfig = "config"
	lineTruth  = "truth"
)

// WriteJSON simulates cfg and writes JSON lines: first {"kind":"config"}, then every event, then {"kind":"truth"} with
// the [Summary]. It fails on a configuration that [New] refuses and when w cannot be written.
func WriteJSON(w io.Writer, cfg Config) error {
	world, err := New(cfg)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<16)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(struct {
		Kind string `json:"kind"`
		Body Config `json:"body"`
	}{lineConfig, world.Config()}); err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	var failed error
	truth := world.Play(func(e Event) bool {
		failed = enc.Encode(e)
		return failed == nil
	})
	if failed == nil {
		failed = enc.Encode(struct {
			Kind string  `json:"kind"`
			Body Summary `json:"body"`
		}{lineTruth, truth.Summary})
	}
	if failed == nil {
		failed = out.Flush()
	}
	if failed != nil {
		return fmt.Errorf("simulate: %w", failed)
	}
	return nil
}
