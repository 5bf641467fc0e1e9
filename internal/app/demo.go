package app

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"serai/internal/access"
	"serai/internal/area/accounts"
	"serai/internal/area/cards"
	"serai/internal/area/network"
	"serai/internal/card"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/seal"
	"serai/internal/sim"
	"serai/internal/store"
	"serai/internal/web"
)

// Demo is two nodes of two Societies that share no database and no network, filled with simulated people.
type Demo struct {
	Addr   string // of the first node; the others take the ports that follow
	Seed   uint64
	People int
	Days   int
	Keep   string // keep the data in this directory; a temporary one that is removed when empty
	Log    func(string)
}

// DemoNode is what whoever plays with a node needs to know.
type DemoNode struct {
	Name         string        `json:"name"`
	URL          string        `json:"url"`
	Organisation string        `json:"organisation"`
	Accounts     []DemoAccount `json:"accounts"`
	SampleCard   string        `json:"sample_card"`

	node   *Node
	points []string
}

// DemoAccount is an account of the demonstration; its password is known to everybody.
type DemoAccount struct {
	Role     string `json:"role"`
	Login    string `json:"login"`
	Password string `json:"password"`
	Point    string `json:"point,omitempty"`
}

// DemoPassword opens every account of a demonstration.
const DemoPassword = "caravan-serai-demo"

// the nodes of the demonstration: label, organisation, main point.
var demoNodes = []struct{ label, org, point string }{{"Agadez", "NRC", "NE-AGZ"}, {"Tripoli", "LRC", "LY-TIP"}}

// demoStaff are the accounts of each node.
var demoStaff = []struct {
	login, name string
	role        access.Role
	atPoint     bool
}{
	{"volunteer", "Amina, volunteer", access.Volunteer, true},
	{"lead", "Boubacar, point lead", access.PointLead, true},
	{"nurse", "Rahila, nurse", access.HealthWorker, true},
	{"case", "Youssef, case worker", access.CaseWorker, false},
	{"protection", "Salma, protection officer", access.ProtectionOfficer, false},
	{"manager", "Idrissa, programme manager", access.ProgrammeManager, false},
	{"store", "Fati, storekeeper", access.Storekeeper, true},
	{"privacy", "Nadia, data protection officer", access.DataProtection, false},
	{"admin", "Karim, administrator", access.Administrator, false},
}

// Run makes the nodes, fills them, calls ready with what to know, and serves until ctx ends.
func (d Demo) Run(ctx context.Context, ready func([]*DemoNode) error) (err error) {
	if d.Log == nil {
		d.Log = func(string) {}
	}
	dir := d.Keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "serai-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	host, port, err := splitAddr(d.Addr)
	if err != nil {
		return err
	}
	clock := NewMoment()
	var nodes []*DemoNode
	defer func() {
		for _, n := range nodes {
			err = errors.Join(err, n.node.Close())
		}
	}()
	for i, spec := range demoNodes {
		d.Log("making the node " + spec.label)
		c := Config{Data: filepath.Join(dir, spec.label), Addr: net.JoinHostPort(host, strconv.Itoa(port+i)), Now: clock.Now}
		n, err := d.node(ctx, c, spec.label, spec.org)
		if err != nil {
			return err
		}
		nodes = append(nodes, &DemoNode{Name: spec.label, Organisation: spec.org, node: n, points: []string{spec.point}})
	}
	staff := map[*Node]Staff{}
	for i, n := range nodes {
		if n.Accounts, err = demoAccounts(ctx, n.node, demoNodes[i].point); err != nil {
			return err
		}
		if staff[n.node], err = n.node.replayStaff(ctx); err != nil {
			return err
		}
	}
	d.Log("signing the network file of the cards")
	if err := foundCards(ctx, nodes); err != nil {
		return err
	}
	d.Log(fmt.Sprintf("telling the journeys of %d people over %d days", d.People, d.Days))
	if err := d.fill(ctx, nodes, clock, staff); err != nil {
		return err
	}
	return d.serve(ctx, nodes, ready)
}

func splitAddr(addr string) (string, int, error) {
	if addr == "" {
		addr = "localhost:8087"
	}
	host, p, err := net.SplitHostPort(addr)
	if err == nil {
		port, e := strconv.Atoi(p)
		if e == nil && port > 0 && port < 65000 {
			return host, port, nil
		}
	}
	return "", 0, fault.Field("addr", "demo.bad_address", "an address has the form localhost:8087")
}

// prepare opens a new node, gives it its settings and the demo network.
func prepare(ctx context.Context, c Config, ring *seal.Keyring, s Settings) (*Node, error) {
	n, err := Open(ctx, c, ring, nil)
	if err != nil {
		return nil, err
	}
	fail := func(err error) (*Node, error) { return nil, errors.Join(err, n.Close()) }
	if err := WriteSettings(ctx, n.DB, s); err != nil {
		return fail(err)
	}
	files, err := network.ReadFiles(network.DemoNetwork)
	if err != nil {
		return fail(err)
	}
	done, err := n.Network.Import(ctx, n.administrator(), files, false)
	if err != nil {
		return fail(err)
	}
	if len(done.Errors) > 0 {
		return fail(fmt.Errorf("the demo network has %d errors, the first: %+v", len(done.Errors), done.Errors[0]))
	}
	if err := n.showPoints(ctx); err != nil {
		return fail(err)
	}
	if err := n.Accounts.SetPolicy(ctx, accounts.Policy{PasswordAlone: true, TwoEyes: true}); err != nil {
		return fail(err)
	}
	if err := n.Close(); err != nil { // again with its settings
		return nil, err
	}
	return Open(ctx, c, ring, nil)
}

// shown are the points of the demonstration that the public may find: in full, or only the region.
var shown = map[string]string{
	"NE-AGZ": "full", "NE-NIA": "full", "LY-TIP": "full", "TN-MED": "full", "GR-ATH": "full", "CO-NEC": "full", "PA-LBL": "full", "HN-DAN": "full",
	"NE-ASM": "coarse", "LY-SAB": "coarse", "ML-GAO": "coarse", "TD-ADR": "coarse",
}

func (n *Node) showPoints(ctx context.Context) error {
	for code, visibility := range shown {
		if err := n.Network.EditPoint(ctx, n.administrator(), fact.FactID{}, fact.PointByCode(code), network.PointEdit{Visibility: &visibility}); err != nil {
			return fmt.Errorf("show point %s: %w", code, err)
		}
	}
	return nil
}

func (d Demo) node(ctx context.Context, c Config, label, org string) (*Node, error) {
	ring, err := newRing(c.Data)
	if err != nil {
		return nil, err
	}
	return prepare(ctx, c, ring, Settings{Org: org, Label: label, Demo: true})
}

// administrator is the operator at the console, who holds the keys of the node.
func (n *Node) administrator() access.Actor {
	return access.Actor{Handle: fact.Handle{0xff}, Org: n.Settings.OrgID(), Full: true, Grants: []access.Grant{{Role: access.Administrator, Org: n.Settings.OrgID()}}}
}

// staffActor is somebody of the node's organisation at a point, for work that no account does: benchmarks.
func (n *Node) staffActor(role access.Role, point string) access.Actor {
	g := access.Grant{Role: role, Org: n.Settings.OrgID()}
	if point != "" {
		g.Point = fact.PointByCode(point)
	}
	return access.Actor{Handle: fact.Handle{0xfe}, Org: n.Settings.OrgID(), Full: true, Grants: []access.Grant{g}}
}

func credentials(login, password string) accounts.Credentials {
	return accounts.Credentials{Login: login, Password: password}
}

func demoAccounts(ctx context.Context, n *Node, point string) ([]DemoAccount, error) {
	var out []DemoAccount
	for _, s := range demoStaff {
		u := NewUser{Login: s.login, Name: s.name, Language: "en", Role: string(s.role), Password: DemoPassword}
		if s.atPoint {
			u.Point = point
		}
		if err := n.AddUser(ctx, u); err != nil {
			return nil, fmt.Errorf("demo account %s: %w", s.login, err)
		}
		out = append(out, DemoAccount{Role: string(s.role), Login: s.login, Password: DemoPassword, Point: u.Point})
	}
	return out, nil
}

// replayStaff are the demo's accounts, reaching every point of their organisation: the journeys pass several.
func (n *Node) replayStaff(ctx context.Context) (Staff, error) {
	all, err := n.Accounts.All(ctx)
	if err != nil {
		return Staff{}, err
	}
	var s Staff
	for _, a := range all {
		actor := func(role access.Role) access.Actor {
			return access.Actor{Account: a.ID, Handle: a.Handle, Name: a.Name, Org: a.Org, Full: true, Grants: []access.Grant{{Role: role, Org: a.Org}}}
		}
		switch a.Login {
		case "volunteer":
			s.Volunteer = actor(access.Volunteer)
		case "lead":
			s.Lead = actor(access.PointLead)
		case "nurse":
			s.Nurse = actor(access.HealthWorker)
		}
	}
	return s, nil
}

// demoSpares is how many devices of a demonstration node may write cards without it, once their lead allows it.
const demoSpares = 2

// foundCards draws a random root, marked as a demonstration, and hands every node its network file and keys. Real nodes
// refuse that root.
func foundCards(ctx context.Context, nodes []*DemoNode) error {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	root := card.RootSigner{Key: key, Demo: true}
	var members []cards.Member
	for i, n := range nodes {
		if err := n.node.Cards.MakeSpares(demoSpares); err != nil {
			return err
		}
		keys, err := n.node.Cards.NodeKeys()
		if err != nil {
			return err
		}
		m := cards.Member{Number: uint16(i + 1), Code: n.Organisation, Nodes: []cards.NodeKeys{keys}}
		err = n.node.DB.Read(ctx, func(tx *store.Tx) error {
			o, _, err := n.node.Network.Organisation(tx, fact.OrgByCode(n.Organisation))
			if err != nil {
				return err
			}
			m.Name = o.Name
			m.Points, err = n.node.Network.Numbers(tx, fact.OrgByCode(n.Organisation))
			return err
		})
		if err != nil {
			return err
		}
		members = append(members, m)
	}
	founded, err := cards.Found(rand.Reader, time.Now().AddDate(0, 0, -90), "Demonstration", members, catalogue.Base(), root)
	if err != nil {
		return err
	}
	for i, n := range nodes {
		if _, err := n.node.Cards.PinRoot(ctx, founded.Root); err != nil {
			return err
		}
		if _, err := n.node.Cards.ImportNetwork(ctx, founded.Network); err != nil {
			return err
		}
		if _, err := n.node.Cards.ImportBundle(ctx, founded.Bundles[uint16(i+1)][0]); err != nil {
			return err
		}
	}
	return nil
}

func (d Demo) fill(ctx context.Context, nodes []*DemoNode, clock *Moment, staff map[*Node]Staff) error {
	w, err := sim.New(sim.Config{Seed: d.Seed, People: d.People, Days: d.Days, Start: time.Now().UTC().AddDate(0, 0, 1-d.Days)})
	if err != nil {
		return err
	}
	r := Replay{Clock: clock, Staff: staff, Stores: map[*Node][]*larder{}}
	for _, n := range nodes {
		r.Nodes = append(r.Nodes, n.node)
		for _, code := range n.points {
			r.Stores[n.node] = append(r.Stores[n.node], &larder{point: fact.PointByCode(code)})
		}
	}
	if err := r.Run(ctx, w); err != nil {
		return err
	}
	d.Log(fmt.Sprintf("recorded %d contacts, %d arrivals, %d files, %d cards issued and %d updated; the desks' rules refused %d",
		r.Counted.Contacts, r.Counted.Arrivals, r.Counted.Files, r.Counted.Cards, r.Counted.Updates, r.Counted.Refused))
	for i, n := range nodes {
		var next fact.PointID
		if i == 0 {
			next = fact.PointByCode("NE-ASM")
		}
		if err := r.storeEnds(ctx, n.node, fact.PointByCode(n.points[0]), next); err != nil {
			return err
		}
	}
	return sampleCards(ctx, nodes, staff)
}

// sampleCards prints the card of the story: somebody who gave no name had a hygiene kit in Agadez nine days ago.
func sampleCards(ctx context.Context, nodes []*DemoNode, staff map[*Node]Staff) error {
	agadez := nodes[0]
	nine := time.Now().AddDate(0, 0, -9)
	text, err := agadez.node.sampleCard(ctx, staff[agadez.node].Lead, fact.PointByCode(agadez.points[0]), nine)
	if err != nil {
		return fmt.Errorf("sample card: %w", err)
	}
	for _, n := range nodes {
		n.SampleCard = text
	}
	return nil
}

func (d Demo) serve(ctx context.Context, nodes []*DemoNode, ready func([]*DemoNode) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, len(nodes))
	up := make(chan struct{}, len(nodes))
	for _, n := range nodes {
		n.node.Begin(ctx)
		go func() {
			done <- web.Server{Addr: n.node.Config.Addr, Handler: n.node.Web, Listening: func(a net.Addr) {
				n.URL = n.node.Config.url(a)
				up <- struct{}{}
			}}.Listen(ctx)
		}()
	}
	for range nodes {
		select {
		case <-up:
		case err := <-done:
			return err
		}
	}
	if err := ready(nodes); err != nil {
		return err
	}
	var errs []error
	for range nodes {
		errs = append(errs, <-done)
		stop()
	}
	return errors.Join(errs...)
}

// Story prints the ten minutes that show what Serai is for.
func Story(w io.Writer, nodes []*DemoNode) error {
	a, t := nodes[0], nodes[1]
	_, err := fmt.Fprintf(w, `
Two Societies, two nodes, no shared database, no network between them:

  %-8s %s/desk/    %s
  %-8s %s/desk/    %s

Sign in as volunteer, lead, nurse, case, protection, manager, store, privacy or admin.
The password of every account is  %s

A card to scan or paste (given in Agadez nine days ago to somebody who gave no name):

%s

Ten minutes that show it
 1. %s/desk/ as volunteer. "Arrival": a truck, 14 women, 38 men, 5 girls, 3 boys; water and a meal
    for all, two taps. A doctor was asked for fourteen times and is not there: "asked, not given".
 2. "Serve without a name": hygiene kit. Give her a card: read the text aloud, "yes", print.
    Her private talk is a need for the protection team; it vanishes from the volunteer's screen.
 3. Scan the printed QR code with an ordinary telephone: nothing readable.
 4. %s/desk/ as volunteer, another Society. "Scan": paste the card above. "Hygiene kit nine days ago".
    The private talk is absent. Warned, give one all the same; add a call home; print the card again.
 5. Back in Agadez, read the new card: both Societies' help stands on it, with who recorded it.
 6. A man whose card the police took: serve him anyway, without card and name.
 7. Counts (as lead or manager): services, contacts, persons as low, central, high. Adding both
    points up counts her twice; the interval of persons does not pretend to know more than it does.
 8. As protection: find her file by name and one fact, see who opened it, erase it. Search again.
 9. As store: the levels of the point, by what was given. Count the shelf; the blankets run low.
10. As admin: there is no way to a person. Running a server is no reason to read a case.
Ctrl-C ends the demonstration and removes it.
`, a.Name, a.URL, a.Organisation, t.Name, t.URL, t.Organisation, DemoPassword, a.SampleCard, a.URL, t.URL)
	return err
}
