package main

import (
	"bytes"
	"context"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"serai": child}) }

// child is the program as the scripts start it.
func child() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Setup: func(e *testscript.Env) error {
		// Whatever the caller's environment says of a node, the scripts have their own.
		for _, name := range []string{"SERAI_DATA", "SERAI_POSTGRES", "SERAI_ADDR"} {
			e.Setenv(name, "")
		}
		e.Setenv("SERAI_DATA", "node")
		e.Setenv("SERAI_PASSPHRASE", "four words are enough")
		e.Setenv("SERAI_PASSWORD", "camel water route nineteen")
		return nil
	}})
}

// Every command explains itself, says what it is for, and ends well.
func TestEveryCommandHasHelp(t *testing.T) {
	var c cli
	parser, err := kong.New(&c, kong.Name("serai"), kong.Vars{"version": "test"})
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	var walk func(n *kong.Node, path []string)
	walk = func(n *kong.Node, path []string) {
		if n.Type == kong.CommandNode {
			path = append(slices.Clone(path), n.Name)
			if n.Help == "" {
				t.Errorf("serai %s has no line of help", strings.Join(path, " "))
			}
		}
		commands++
		var out, errs bytes.Buffer
		code := run(t.Context(), append(slices.Clone(path), "--help"), strings.NewReader(""), &out, &errs)
		if code != 0 || errs.Len() > 0 || !strings.Contains(out.String(), "Usage: serai") || !strings.Contains(out.String(), n.Help) && len(n.Help) < 60 {
			t.Errorf("serai %s --help ends with %d:\n%s%s", strings.Join(path, " "), code, out.String(), errs.String())
		}
		for _, flag := range n.Flags {
			if flag.Help == "" {
				t.Errorf("serai %s --%s has no help", strings.Join(path, " "), flag.Name)
			}
		}
		for _, child := range n.Children {
			walk(child, path)
		}
	}
	walk(parser.Model.Node, nil)
	t.Logf("%d commands and groups of commands", commands)
}
