package main

import (
	"context"
	"errors"
	"fmt"

	"serai/internal/app"
)

type doctorCmd struct {
	data
	JSON bool `help:"Print one JSON line per finding."`
}

func (cmd *doctorCmd) Help() string {
	return `Looks at keys, backups, disk, clock, quarantine and policy, and says what to do. Changes nothing. Ends with status
1 when something is an error.`
}

func (cmd *doctorCmd) Run(ctx context.Context, c *console) error {
	return cmd.with(ctx, c, func(n *app.Node) error {
		findings, err := n.Doctor(ctx)
		if err != nil {
			return err
		}
		bad := false
		for _, f := range findings {
			bad = bad || f.Level == "error"
			if cmd.JSON {
				if err := printJSON(c.out, f); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(c.out, "%-8s %s (%s)\n", f.Level, f.Text, f.Code)
		}
		if bad {
			return errors.New("something needs you; see above")
		}
		return nil
	})
}
