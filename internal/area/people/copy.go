package people

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/lang"
	"serai/internal/store"
	"serai/internal/web"
)

//go:embed copy.html
var copyPage string

//go:embed copy.json
var copyWords []byte

var (
	copyTemplate = template.Must(template.New("copy").Parse(copyPage))
	copyText     = func() (out map[string]map[string]string) {
		if err := json.Unmarshal(copyWords, &out); err != nil {
			panic("people: copy.json: " + err.Error()) // compiled in and held by a test
		}
		return out
	}()
)

// Given to the person, a copy holds all that is kept about her here: needs of every class, and who opened the file.
// Companions are named by nothing but the day: their files are theirs.
type copyOf struct {
	File       File          `json:"file"`
	Companions []fact.Day    `json:"companions_since"`
	Opened     []copyLook    `json:"opened_by"`
	Made       time.Time     `json:"made"`
	Node       string        `json:"node"`
	Person     fact.PersonID `json:"-"`
}

// copyLook tells the person when her file was opened and what was done, without the name of staff.
type copyLook struct {
	At      time.Time `json:"at"`
	Action  string    `json:"action"`
	Outcome string    `json:"outcome"`
}

// Copy makes the copy that a person may ask for, as a page to print ("html") or as data ("json"). It is in the access
// log before this returns.
func (s *Service) Copy(ctx context.Context, who access.Actor, person fact.PersonID, format, language string) (web.File, error) {
	tag, ok := lang.Parse(language)
	if !ok {
		return web.File{}, fault.Field("lang", "people.unknown_language", "choose en, fr, ar or es")
	}
	var c copyOf
	var cat *catalogue.Catalogue
	err := s.db.Read(ctx, func(tx *store.Tx) (err error) {
		f, err := s.load(tx, who, "people.copy", person)
		if err != nil {
			return err
		}
		if cat, err = s.catalogue.Current(tx); err != nil {
			return err
		}
		c, err = s.copyOf(tx, who, &f)
		return err
	})
	if err != nil {
		return web.File{}, s.refused(ctx, who, "people.copy", err)
	}
	out := web.File{Name: "copy." + format}
	if format == "json" {
		out.Type = "application/json"
		out.Data, err = json.MarshalIndent(c, "", "  ")
	} else {
		out.Type = "text/html; charset=utf-8"
		out.Data, err = c.page(tag, cat)
	}
	if err != nil {
		return web.File{}, err
	}
	return out, s.log.Look(ctx, audit.Entry{Actor: who.Handle, Device: who.Device, Action: "people.copy", Person: person, Point: c.File.Point, Outcome: audit.Seen})
}

func (s *Service) copyOf(tx *store.Tx, who access.Actor, f *folded) (copyOf, error) {
	file, err := s.render(tx, who, f)
	if err != nil {
		return copyOf{}, err
	}
	// It is her file: she sees the needs that its reader may not.
	file.Needs = file.Needs[:0]
	for need := range f.needs {
		file.Needs = append(file.Needs, need)
	}
	slices.Sort(file.Needs)
	if file.Conflicts, err = f.conflicts(s.staffNames(tx)); err != nil {
		return copyOf{}, err
	}
	file.Companions, file.Same, file.Alike = []Companion{}, []SameFile{}, 0
	file.withoutStaff()
	c := copyOf{File: file, Companions: []fact.Day{}, Opened: []copyLook{}, Made: s.now().UTC().Truncate(time.Second), Node: s.journal.Node().String(), Person: f.person}
	for _, l := range f.links {
		c.Companions = append(c.Companions, l.by.day)
	}
	entries, err := s.log.Of(tx, f.person, accessMost)
	for _, e := range entries {
		c.Opened = append(c.Opened, copyLook{e.At.Truncate(time.Second), e.Action, e.Outcome.String()})
	}
	return c, err
}

// withoutStaff takes the names of staff out: a copy is shown to others on the road.
func (f *File) withoutStaff() {
	f.RecordedBy = ""
	for i := range f.Bases {
		f.Bases[i].RecordedBy = ""
	}
	for i := range f.Events {
		f.Events[i].RecordedBy = ""
	}
	for _, c := range f.Conflicts {
		for i := range c.Values {
			c.Values[i].Who = ""
		}
	}
}

// line is one row of the printed copy.
type line struct{ Label, Value string }

type section struct {
	Title string
	Lines []line
}

func (c *copyOf) page(l lang.Tag, cat *catalogue.Catalogue) ([]byte, error) {
	words := copyText[string(l)]
	word := func(key string) string {
		if w, ok := words[key]; ok {
			return w
		}
		return key
	}
	label := func(list, code string) string {
		if t, ok := cat.Lists.Term(list, code); ok {
			return t.Labels.In(string(l))
		}
		return code
	}
	f := &c.File
	about := section{Title: word("about"), Lines: []line{{word("person"), f.Person.String()}}}
	add := func(key, value string) {
		if value != "" {
			about.Lines = append(about.Lines, line{word(key), value})
		}
	}
	if f.Name != nil {
		add("name", strings.Join(f.Name.Parts, " "))
	}
	add("sex", label("sexes", f.Sex))
	if a := f.Age; a != nil {
		years := strconv.Itoa(a.Low)
		if a.High != a.Low {
			years += "–" + strconv.Itoa(a.High)
		}
		add("age", years+" ("+lang.Date(l, a.On)+", "+label("age_methods", a.Method)+")")
		if a.Born != nil {
			add("birth_date", lang.Date(l, *a.Born))
		}
	}
	add("languages", strings.Join(f.Languages, ", "))
	if f.Interpreter {
		add("interpreter", word("yes"))
	}
	var needs []string
	for _, n := range f.Needs {
		needs = append(needs, label("needs", n))
	}
	add("needs", strings.Join(needs, ", "))
	add("created", lang.Date(l, fact.DayOf(f.Created)))
	sections := []section{about}
	bases := section{Title: word("bases")}
	for _, b := range f.Bases {
		text := label("bases", b.Basis) + ", " + word(b.State)
		if b.Recipient != "" {
			text += ", " + b.Recipient
		}
		if b.Until != nil {
			text += ", " + word("until") + " " + lang.Date(l, *b.Until)
		}
		if b.Reason != "" {
			text += ": " + b.Reason
		}
		bases.Lines = append(bases.Lines, line{lang.Date(l, b.Day) + " · " + word("purpose."+b.Purpose), text})
	}
	events := section{Title: word("events")}
	for _, e := range f.Events {
		events.Lines = append(events.Lines, line{lang.Date(l, e.On), strings.TrimSuffix(word("event."+e.Kind)+": "+e.Note, ": ")})
	}
	for _, d := range c.Companions {
		events.Lines = append(events.Lines, line{lang.Date(l, d), word("companion")})
	}
	looks := section{Title: word("opened")}
	for _, o := range c.Opened {
		looks.Lines = append(looks.Lines, line{lang.Date(l, fact.DayOf(o.At)) + " " + lang.Clock(o.At) + " UTC", word("outcome." + o.Outcome)})
	}
	for _, s := range []section{bases, events, looks} {
		if len(s.Lines) > 0 {
			sections = append(sections, s)
		}
	}
	var out bytes.Buffer
	err := copyTemplate.Execute(&out, map[string]any{"Lang": string(l), "Dir": lang.Dir(l), "Title": word("title"), "Rights": word("rights"),
		"Made": lang.Date(l, fact.DayOf(c.Made)), "Sections": sections})
	return out.Bytes(), err
}
