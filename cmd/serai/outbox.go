package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"

	"serai/internal/app"
	"serai/internal/fault"
)

type outboxCmd struct {
	Import outboxImportCmd `cmd:"" help:"Take in the work that a device exported to a file, when it cannot reach the node."`
}

type outboxImportCmd struct {
	data
	File string `arg:"" help:"File that the desk exported; whatever was taken in before is not done again." type:"existingfile"`
	JSON bool   `help:"Print one JSON line per entry."`
}

// fileMost bounds a file: a device's work of years.
const fileMost = 256 << 20

func (cmd *outboxImportCmd) Run(ctx context.Context, c *console) error {
	if st, err := os.Stat(cmd.File); err == nil && st.Size() > fileMost {
		return fault.Invalid("outbox.bad_file", "this is larger than any outbox; choose the file that the desk exported")
	}
	b, err := os.ReadFile(cmd.File)
	if err != nil {
		return err
	}
	return cmd.with(ctx, c, func(n *app.Node) error {
		results, err := n.ImportOutbox(ctx, b)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		refused := 0
		for _, r := range results {
			if !r.Good() {
				refused++
			}
			if cmd.JSON {
				if err := printJSON(c.out, r); err != nil {
					return err
				}
				continue
			}
			key := r.Key
			if key == "" {
				key = "(unreadable)"
			}
			line := fmt.Sprintf("%s\t%d", key, r.Status)
			if r.Code != "" {
				line += "\t" + r.Code + "\t" + r.Detail
			}
			fmt.Fprintln(w, line)
		}
		if cmd.JSON {
			return nil
		}
		if err := w.Flush(); err != nil {
			return err
		}
		fmt.Fprintf(c.out, "%d taken in, %d refused.\n", len(results)-refused, refused)
		return nil
	})
}
