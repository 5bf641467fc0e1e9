package lists

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"serai/internal/access"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/journal"
	"serai/internal/store"
)

var heads = journal.NewHeads("lists_head")

// tables are the projections: the heads of every edited row, and the edit that shows.
var tables = heads.DDL() + `
CREATE TABLE lists_row (subject TEXT PRIMARY KEY, edit TEXT NOT NULL) /*clustered*/`

// Config is what the lists must be given.
type Config struct {
	DB      *store.DB
	Journal *journal.Journal
	Now     func() time.Time
}

// Service is the catalogue of one node.
type Service struct {
	db      *store.DB
	journal *journal.Journal
	now     func() time.Time
	current atomic.Pointer[catalogue.Catalogue]
}

// New puts the lists on a node: their tables and projector are registered with the journal, which is started later.
func New(c Config) *Service {
	s := &Service{db: c.DB, journal: c.Journal, now: c.Now}
	c.Journal.Tables("lists", tables)
	journal.Register(c.Journal, Edited, s.project)
	return s
}

// subjectOf names a row. No engine's text holds a NUL, which a peer could have written.
func subjectOf(list, code string) string { return noNUL(list + "/" + code) }

func noNUL(s string) string { return strings.ReplaceAll(s, "\x00", "") }

func (s *Service) project(tx *store.Tx, f fact.Got[EditedOpen, struct{}]) error {
	subject := subjectOf(f.Open.List, f.Open.Code)
	for _, c := range f.Open.Changes {
		if err := heads.Apply(tx, journal.Edit{Subject: []byte(subject), Field: noNUL(c.Field), Fact: f.ID, Stamp: f.Stamp, Actor: f.Actor,
			Replaces: c.Replaces, Value: c.Value}); err != nil {
			return err
		}
	}
	all, err := heads.Of(tx, []byte(subject))
	if err != nil {
		return err
	}
	text, err := plain(edit(subject, all))
	if err != nil {
		return err
	}
	// At once, for commands of the same commit, and when it is durable, for what they put in meanwhile.
	s.current.Store(nil)
	tx.OnCommit(func() { s.current.Store(nil) })
	return tx.Exec(`INSERT INTO lists_row (subject, edit) VALUES ($1, $2) ON CONFLICT (subject) DO UPDATE SET edit = excluded.edit`, subject, text)
}

// Current returns the catalogue as edited. It is shared: treat it as read-only. It costs one load from memory after the
// first command that asked for it; those who merely read build it anew while nobody did.
func (s *Service) Current(tx *store.Tx) (*catalogue.Catalogue, error) {
	if c := s.current.Load(); c != nil {
		return c, nil
	}
	c := catalogue.Base()
	// Local services come before the edits of other rows, each in the order of codes: the order decides the version.
	var added, changed []catalogue.Edit
	err := tx.Each(`SELECT edit FROM lists_row ORDER BY subject`, nil, func(r *store.Row) error {
		var text string
		if err := r.Scan(&text); err != nil {
			return err
		}
		var e catalogue.Edit
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			return fmt.Errorf("an edited row: %w", err)
		}
		if e.Add {
			added = append(added, e)
		} else {
			changed = append(changed, e)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, e := range append(added, changed...) {
		// What this program does not know, or what a peer should not have written, must not take the rest with it.
		if next, err := c.With([]catalogue.Edit{e}); err == nil {
			c = next
		}
	}
	if tx.Writing() {
		tx.OnCommit(func() { s.current.Store(c) })
	}
	return c, nil
}

// Edit changes a row, or makes a local service. Only those who reach the whole node may.
func (s *Service) Edit(ctx context.Context, who access.Actor, id fact.FactID, e catalogue.Edit) (*catalogue.Catalogue, error) {
	if e.List == "" {
		e.List = catalogue.ListServices
	}
	var out *catalogue.Catalogue
	_, _, err := s.journal.Do(ctx, who.Handle, id, func(tx *store.Tx) ([]fact.FactID, error) {
		if !who.May("lists.edit", access.Resource{}, s.now()) {
			return nil, fault.Forbidden("lists.not_yours", "only an administrator of the node changes lists")
		}
		now, err := s.Current(tx)
		if err != nil {
			return nil, err
		}
		if _, err := now.With([]catalogue.Edit{e}); err != nil {
			return nil, ofOne(err)
		}
		all, err := heads.Of(tx, []byte(subjectOf(e.List, e.Code)))
		if err != nil {
			return nil, err
		}
		set, err := changes(e, all)
		if err != nil || len(set) == 0 {
			return nil, err
		}
		var replaced []fact.FactID
		for _, c := range set {
			replaced = append(replaced, c.Replaces...)
		}
		return s.journal.Append(tx, Edited.New(id, fact.ScopeOpen, who.Handle, EditedOpen{List: e.List, Code: e.Code, Changes: set}).Replacing(replaced...))
	})
	if err == nil {
		err = s.db.Read(ctx, func(tx *store.Tx) (err error) {
			out, err = s.Current(tx)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("edit the list %s: %w", e.List, err)
	}
	return out, nil
}
