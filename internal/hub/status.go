package hub

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"serai/internal/fault"
)

// Status says how a node's certificate stands.
type Status struct {
	Kind    string       `json:"kind" enum:"none,local,files,acme" doc:"none: only this machine reaches the node"`
	Names   []string     `json:"names" doc:"Names and addresses that the certificate holds for"`
	From    time.Time    `json:"from,omitzero"`
	Until   time.Time    `json:"until,omitzero"`
	Renewal time.Time    `json:"renewal,omitzero" doc:"When the node makes the next one by itself"`
	Root    *Fingerprint `json:"root,omitempty" doc:"Of the hub's own authority"`
	Ends    time.Time    `json:"ends,omitzero" doc:"When the hub's own authority ends and every device is onboarded again"`

	issued time.Time
	clean  bool // nobody else on the machine can read the key
}

// Show looks at the certificate of a data directory. It needs no key. A certificate that is spoken of and cannot be read
// is an error.
func Show(dir string) (Status, error) {
	s, ok, err := Read(dir)
	if err != nil {
		return Status{}, err
	}
	if !ok {
		return Status{Kind: "none", Names: []string{}}, nil
	}
	st := Status{Kind: s.Kind, Names: []string{}}
	cert, key := s.pair(dir)
	if s.Kind == ACME {
		st.Names = slices.Clone(s.Domains)
		if _, err := os.Stat(cert); errors.Is(err, fs.ErrNotExist) {
			st.clean = true
			return st, nil // not asked for yet
		}
	}
	chain, err := readChain(cert, key)
	if err != nil {
		return st, err
	}
	leaf := chain[0]
	st.Names = namesOf(leaf)
	st.From, st.Until, st.issued = leaf.NotBefore.UTC(), leaf.NotAfter.UTC(), leaf.NotBefore
	if info, err := os.Stat(key); err == nil {
		st.clean = info.Mode().Perm()&0o007 == 0 && (s.Kind == Files || info.Mode().Perm()&0o070 == 0)
	}
	if s.Kind == Local {
		root, err := readRoot(dir)
		if err != nil {
			return st, err
		}
		st.issued = leaf.NotBefore.Add(backDated)
		st.Renewal = st.issued.Add(leafRenews).UTC()
		st.Ends = root.NotAfter.UTC()
		f := FingerprintOf(root)
		st.Root = &f
	}
	return st, nil
}

// pair names the files of the certificate and of its key.
func (s Setting) pair(dir string) (cert, key string) {
	switch s.Kind {
	case Files:
		return s.Cert, s.Key
	case ACME:
		f := filepath.Join(dir, acmeName, s.Domains[0])
		return f, f
	}
	return LeafFile(dir), LeafFile(dir)
}

func namesOf(c *x509.Certificate) []string {
	out := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		out = append(out, ip.String())
	}
	return out
}

// Finding is something that doctor says.
type Finding struct{ Level, Code, Text string }

// Examine looks for what is wrong with the certificate of a node.
func Examine(dir string, m Machine) []Finding {
	var out []Finding
	say := func(level, code, format string, args ...any) {
		out = append(out, Finding{level, code, fmt.Sprintf(format, args...)})
	}
	st, err := Show(dir)
	if err != nil {
		var f *fault.Error
		text := err.Error()
		if errors.As(err, &f) {
			text = f.Detail
		}
		say("error", "doctor.tls_broken", "the certificate of this node cannot be used: %s", text)
		return out
	}
	switch day := time.DateOnly; {
	case st.Kind == "none":
		say("note", "doctor.tls_none", "there is no certificate: only this machine reaches the node; `serai tls init` makes one for a hub")
		return out
	case st.Until.IsZero():
		say("warning", "doctor.tls_waiting", "no certificate was given for %v yet; it is asked for when the node serves and the internet reaches it", st.Names)
		return out
	case st.Kind == Local:
		say("ok", "doctor.tls", "a certificate of this hub's own authority for %v until %s, renewed by itself from %s; the words of the authority: %v (%s)",
			st.Names, st.Until.Format(day), st.Renewal.Format(day), st.Root.Words, st.Root.Number)
	default:
		say("ok", "doctor.tls", "a public certificate (%s) for %v until %s", st.Kind, st.Names, st.Until.Format(day))
	}
	now := m.Now
	switch {
	case now.Before(st.issued.Add(-time.Hour)):
		say("warning", "doctor.tls_clock", "the clock of this machine says %s, which is before its certificate was made (%s): set the clock", now.UTC().Format(time.DateTime), st.issued.UTC().Format(time.DateTime))
	case st.Kind == Local && now.After(st.Until.Add(plainlyWrong)):
		say("error", "doctor.tls_clock", "the certificate ended on %s and the clock says %s: set the clock, or run `serai tls renew` if it is right", st.Until.Format(time.DateOnly), now.UTC().Format(time.DateOnly))
	case now.After(st.Until):
		say("error", "doctor.tls_ended", "the certificate ended on %s; no device opens the desk with it. %s", st.Until.Format(time.DateOnly), remedy(st.Kind))
	case now.After(st.Until.Add(-14 * 24 * time.Hour)):
		say("warning", "doctor.tls_ends", "the certificate ends on %s. %s", st.Until.Format(time.DateOnly), remedy(st.Kind))
	}
	if !st.Ends.IsZero() && now.After(st.Ends.AddDate(-1, 0, 0)) {
		say("warning", "doctor.tls_authority_ends", "the authority of this hub ends on %s: plan `serai tls init --new-authority` and onboarding every device again", st.Ends.Format(time.DateOnly))
	}
	if !st.clean {
		say("warning", "doctor.tls_key_open", "other users of this machine can read the key of the certificate: run chmod 600 on it")
	}
	return out
}

func remedy(kind string) string {
	switch kind {
	case Local:
		return "The node renews it while it is open; `serai tls renew` does it now"
	case ACME:
		return "The node renews it while the internet reaches it; its log says why it could not"
	}
	return "Whoever renews the files has not done so"
}
