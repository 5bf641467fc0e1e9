package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"serai/internal/app"
)

type userCmd struct {
	Add      userAddCmd      `cmd:"" help:"Open an account that can sign in at once."`
	List     userListCmd     `cmd:"" help:"List accounts and their roles."`
	Password userPasswordCmd `cmd:"" help:"Set a password and end the sessions of an account."`
	Grant    userGrantCmd    `cmd:"" help:"Give a role."`
	Revoke   userRevokeCmd   `cmd:"" help:"Take a role away at once."`
	Close    userCloseCmd    `cmd:"" help:"Close an account at once."`
	NoTotp   userNoTotpCmd   `cmd:"" name:"clear-second-factor" help:"Take away the second factor of somebody who lost the phone."`
}

// password is read from a file, the environment or the terminal, never from the command line, which others can see.
type password struct {
	PasswordFile string `help:"File with the password of the account; SERAI_PASSWORD and standard input are read as well." type:"existingfile" placeholder:"FILE"`
}

func (p password) read(c *console) (string, error) {
	if p.PasswordFile != "" {
		b, err := os.ReadFile(p.PasswordFile)
		return strings.TrimRight(string(b), "\r\n"), err
	}
	if s := os.Getenv("SERAI_PASSWORD"); s != "" {
		return s, nil
	}
	fmt.Fprint(c.errs, "Password of the account: ")
	line, err := bufio.NewReader(c.in).ReadString('\n')
	if line == "" && err != nil {
		return "", fmt.Errorf("no password was given: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

type userAddCmd struct {
	data
	password
	Login    string `arg:"" help:"Login."`
	Name     string `help:"Name as colleagues see it." required:""`
	Org      string `help:"Code of the organisation (NRC); the node's own when absent." placeholder:"CODE"`
	Language string `help:"Language of the desk." default:"en"`
	Role     string `help:"Role: volunteer, point_lead, health_worker, case_worker, protection_officer, programme_manager, data_protection_officer, administrator, ..." placeholder:"ROLE"`
	Point    string `help:"Code of the point where the role holds; every point of the organisation when absent." placeholder:"CODE"`
	Days     int    `help:"The account ends after so many days; 0 is no end."`
	First    bool   `help:"The first administrator of the organisation."`
}

func (cmd *userAddCmd) Run(ctx context.Context, c *console) error {
	p, err := cmd.password.read(c)
	if err != nil {
		return err
	}
	return cmd.with(ctx, c, func(n *app.Node) error {
		until := time.Time{}
		if cmd.Days > 0 {
			until = time.Now().AddDate(0, 0, cmd.Days)
		}
		err := n.AddUser(ctx, app.NewUser{Login: cmd.Login, Name: cmd.Name, Org: cmd.Org, Language: cmd.Language, Role: cmd.Role, Point: cmd.Point, Until: until, First: cmd.First, Password: p})
		if err == nil {
			fmt.Fprintf(c.out, "%s can sign in.\n", cmd.Login)
		}
		return err
	})
}

type userListCmd struct {
	data
	JSON bool `help:"Print one JSON line per account."`
}

func (cmd *userListCmd) Run(ctx context.Context, c *console) error {
	return cmd.with(ctx, c, func(n *app.Node) error {
		all, err := n.Accounts.All(ctx)
		if err != nil {
			return err
		}
		if cmd.JSON {
			for _, a := range all {
				if err := printJSON(c.out, a); err != nil {
					return err
				}
			}
			return nil
		}
		w := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "LOGIN\tNAME\tSTATE\tROLES")
		for _, a := range all {
			var roles []string
			for _, g := range a.Grants {
				roles = append(roles, string(g.Role))
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", a.Login, a.Name, a.State, strings.Join(roles, ", "))
		}
		return w.Flush()
	})
}

type userPasswordCmd struct {
	data
	password
	Login string `arg:"" help:"Login."`
}

func (cmd *userPasswordCmd) Run(ctx context.Context, c *console) error {
	p, err := cmd.password.read(c)
	if err != nil {
		return err
	}
	return cmd.with(ctx, c, func(n *app.Node) error { return n.Accounts.SetPassword(ctx, cmd.Login, p) })
}

type seat struct {
	data
	Login string `arg:"" help:"Login."`
	Role  string `arg:"" help:"Role."`
	Org   string `help:"Code of the organisation; the node's own when absent." placeholder:"CODE"`
	Point string `help:"Code of the point; every point of the organisation when absent." placeholder:"CODE"`
	Days  int    `help:"The role ends after so many days; 0 is no end."`
}

type userGrantCmd struct{ seat }

func (cmd *userGrantCmd) Run(ctx context.Context, c *console) error {
	return cmd.with(ctx, c, func(n *app.Node) error {
		g := n.Grant(cmd.Role, cmd.Org, cmd.Point)
		if cmd.Days > 0 {
			g.Until = time.Now().AddDate(0, 0, cmd.Days)
		}
		return n.Accounts.Grant(ctx, cmd.Login, g)
	})
}

type userRevokeCmd struct{ seat }

func (cmd *userRevokeCmd) Run(ctx context.Context, c *console) error {
	return cmd.with(ctx, c, func(n *app.Node) error {
		return n.Accounts.Revoke(ctx, cmd.Login, n.Grant(cmd.Role, cmd.Org, cmd.Point))
	})
}

type userCloseCmd struct {
	data
	Login string `arg:"" help:"Login."`
}

func (cmd *userCloseCmd) Run(ctx context.Context, c *console) error {
	return cmd.with(ctx, c, func(n *app.Node) error { return n.Accounts.Close(ctx, cmd.Login) })
}

type userNoTotpCmd struct {
	data
	Login string `arg:"" help:"Login."`
}

func (cmd *userNoTotpCmd) Run(ctx context.Context, c *console) error {
	return cmd.with(ctx, c, func(n *app.Node) error { return n.Accounts.ClearSecondFactor(ctx, cmd.Login) })
}
