package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/pquerna/otp/totp"
	"github.com/rogpeppe/go-internal/testscript"

	"serai/internal/app"
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
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Cmds: map[string]func(*testscript.TestScript, bool, []string){"desk": desk, "tablet": tablet(t)}, Setup: func(e *testscript.Env) error {
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

// desk is what a volunteer does on her first day: "desk LOGIN PATH BODY FIELD ..." opens the node of SERAI_DATA, signs in,
// sets the second factor up, and posts the JSON of each file BODY, in which $NAME stands for a variable of the script. A
// FIELD of the answer becomes a variable of that name and a file of that name.
func desk(ts *testscript.TestScript, neg bool, args []string) {
	if len(args)%3 != 1 || neg {
		ts.Fatalf("usage: desk LOGIN PATH BODY FIELD ...")
	}
	n, post := signedIn(ts, args[0])
	defer func() { ts.Check(n.Close()) }()
	for step := range slices.Chunk(args[1:], 3) {
		field := step[2]
		got, ok := post(step[0], os.Expand(ts.ReadFile(step[1]), ts.Getenv))[field].(string)
		if !ok {
			ts.Fatalf("the answer of %s has no text %s", step[0], field)
		}
		ts.Setenv(field, got)
		ts.Check(os.WriteFile(ts.MkAbs(field), []byte(got), 0o600))
	}
}

// signedIn opens the node of SERAI_DATA and signs somebody in who sets her second factor up.
func signedIn(ts *testscript.TestScript, login string) (n *app.Node, post func(path, body string) map[string]any) {
	data := ts.MkAbs(ts.Getenv("SERAI_DATA"))
	ring, err := app.Unlock(data, ts.Getenv("SERAI_PASSPHRASE"), "")
	ts.Check(err)
	n, err = app.Open(context.Background(), app.Config{Data: data, Log: slog.New(slog.DiscardHandler)}, ring, nil)
	ts.Check(err)
	token := ""
	post = func(path, body string) map[string]any {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		r.Host, r.RemoteAddr = "localhost:8087", "127.0.0.1:40000"
		r.Header.Set("Content-Type", "application/json")
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		n.Web.ServeHTTP(w, r)
		var out map[string]any
		if w.Code/100 != 2 || json.Unmarshal(w.Body.Bytes(), &out) != nil {
			ts.Fatalf("%s answers %d: %s", path, w.Code, w.Body)
		}
		return out
	}
	quoted := func(of map[string]string) string {
		b, err := json.Marshal(of)
		ts.Check(err)
		return string(b)
	}
	password := ts.Getenv("SERAI_PASSWORD")
	in := post("/api/session", `{"token":true,`+quoted(map[string]string{"login": login, "password": password})[1:])
	token, _ = in["token"].(string)
	secret, _ := post("/api/me/totp", quoted(map[string]string{"password": password}))["secret"].(string)
	code, err := totp.GenerateCode(secret, time.Now())
	ts.Check(err)
	post("/api/me/totp/confirm", quoted(map[string]string{"totp": code}))
	return n, post
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
