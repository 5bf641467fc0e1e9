package cards

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/card"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
	"serai/internal/testkit"
	"serai/internal/web"
)

const niger, libya = 227, 218

var (
	agadez  = Place{ID: fact.PointByCode("NE-AGZ"), Code: "NE-AGZ", Name: "Agadez", Org: fact.OrgByCode("NRC"), Number: 0x010203, Zone: time.FixedZone("Africa/Niamey", 3600), Cutoff: 4 * time.Hour}
	arlit   = Place{ID: fact.PointByCode("NE-ARL"), Code: "NE-ARL", Name: "Arlit", Org: agadez.Org, Number: 0x010204, Zone: agadez.Zone, Cutoff: agadez.Cutoff}
	tripoli = Place{ID: fact.PointByCode("LY-TRP"), Code: "LY-TRP", Name: "Tripoli", Org: fact.OrgByCode("LRC"), Number: 0x020001, Zone: time.FixedZone("Africa/Tripoli", 7200), Cutoff: agadez.Cutoff}
)

// desk is the area on a node, with the other areas played by plain values.
type desk struct {
	*Service
	*testkit.Node
	t        testing.TB
	at       Place
	who      access.Actor
	files    map[fact.PersonID]bool
	contacts map[fact.ContactID][]Help
	past     map[fact.PersonID][]Help
	agreed   []fact.PersonID
	tokens   map[string]access.Actor
	devices  map[fact.DeviceID]Device
	mux      *web.Mux
	office   office
}

func (d *desk) Place(_ *store.Tx, id fact.PointID) (Place, bool, error) {
	for _, p := range []Place{agadez, arlit, tripoli} {
		if p.ID == id {
			return p, true, nil
		}
	}
	return Place{}, false, nil
}

func (d *desk) ByNumber(_ *store.Tx, n uint32) (Place, bool, error) {
	for _, p := range []Place{agadez, arlit, tripoli} {
		if p.Number == n {
			return p, true, nil
		}
	}
	return Place{}, false, nil
}

func (d *desk) Numbered(*store.Tx) ([]Place, error) { return []Place{agadez, arlit, tripoli}, nil }

func (d *desk) Device(_ *store.Tx, id fact.DeviceID) (Device, bool, error) {
	x, ok := d.devices[id]
	return x, ok, nil
}

func (d *desk) File(_ *store.Tx, _ access.Actor, p fact.PersonID) (bool, error) {
	return d.files[p], nil
}

func (d *desk) Given(_ *store.Tx, _ access.Actor, ids []fact.ContactID) (out []Help, err error) {
	for _, id := range ids {
		h, ok := d.contacts[id]
		if !ok {
			return nil, fault.NotFound("assist.no_contact", "there is no such contact here")
		}
		out = append(out, h...)
	}
	return out, nil
}

func (d *desk) Here(_ *store.Tx, _ access.Actor, p fact.PersonID, since time.Time) (out []Help, err error) {
	for _, h := range d.past[p] {
		if !h.At.Before(since) {
			out = append(out, h)
		}
	}
	return out, nil
}

func (d *desk) Current(*store.Tx) (*catalogue.Catalogue, error) { return catalogue.Base(), nil }

func (d *desk) CardAgreed(_ *store.Tx, _ access.Actor, p fact.PersonID, _ fact.PointID, _ string) error {
	d.agreed = append(d.agreed, p)
	return nil
}

func (d *desk) Actor(_ context.Context, token string) (access.Actor, error) {
	a, ok := d.tokens[token]
	if !ok {
		return access.Actor{}, fault.NotFound("accounts.no_session", "sign in")
	}
	return a, nil
}

func (d *desk) Refused(context.Context, web.Refusal) error { return nil }

func actor(n byte, role access.Role, at Place) access.Actor {
	return access.Actor{Handle: fact.Handle{n}, Org: at.Org, Full: true, Grants: []access.Grant{{Role: role, Org: at.Org, Point: at.ID}}}
}

// newDesk returns a desk at a point, on a node that knows no network yet.
func newDesk(t testing.TB, db *store.DB, at Place, demo bool) *desk {
	t.Helper()
	d := &desk{t: t, at: at, who: actor(1, access.Volunteer, at), files: map[fact.PersonID]bool{}, contacts: map[fact.ContactID][]Help{}, past: map[fact.PersonID][]Help{}, tokens: map[string]access.Actor{}, devices: map[fact.DeviceID]Device{}}
	d.tokens["volunteer"], d.tokens["storekeeper"] = d.who, actor(2, access.Storekeeper, at)
	d.tokens["elsewhere"], d.tokens["officer"] = actor(3, access.Volunteer, arlit), actor(4, access.MonitoringOfficer, at)
	d.tokens["lead"] = actor(5, access.PointLead, at)
	d.Node = testkit.NewNode(t, db, func(n *testkit.Node) {
		d.Service = New(Needs{DB: db, Journal: n.Journal, Log: n.Log, Ring: n.Ring, Keys: n.Keys, Now: n.Clock.Now, Demo: demo,
			Points: d, People: d, Contacts: d, Catalogue: d, Consents: d, Devices: d})
		if err := db.Migrate(context.Background(), Migrations); err != nil {
			t.Fatal(err)
		}
	})
	d.must(d.Service.Start(context.Background()))
	d.mux = web.New(web.Config{Sessions: d, Guard: d, Clock: d.Clock.Now})
	d.Routes(d.mux)
	return d
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// amended returns the next network file after an edit, signed by the root.
func (d *desk) amended(edit func(*card.NetworkFile)) []byte {
	d.t.Helper()
	file := d.known.Load().network.File().Next(d.Clock.Now())
	edit(&file)
	data, err := card.SignNetwork(rand.Reader, file, d.office.root)
	d.must(err)
	return data
}

// office is a network whose root the test holds.
type office struct {
	root    card.RootSigner
	founded Founded
}

// found makes the network of the desks and hands each its files.
func found(t testing.TB, demo bool, desks ...*desk) office {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	o := office{root: card.RootSigner{Key: private, Demo: demo}}
	members := map[uint16]*Member{niger: {Number: niger, Code: "NRC", Name: "Niger Red Cross", Points: []uint32{arlit.Number, agadez.Number}}, libya: {Number: libya, Code: "LRC", Name: "Libyan Red Crescent", Points: []uint32{tripoli.Number}}}
	for _, d := range desks {
		text, err := d.NodeKeyText()
		d.must(err)
		keys, err := ParseNodeKeys(text)
		d.must(err)
		m := members[d.number()]
		m.Nodes = append(m.Nodes, keys)
	}
	if o.founded, err = Found(rand.Reader, desks[0].Clock.Now(), "Sahara", []Member{*members[niger], *members[libya]}, catalogue.Base(), o.root); err != nil {
		t.Fatal(err)
	}
	for _, d := range desks {
		d.join(o)
	}
	return o
}

func (d *desk) number() uint16 {
	if d.at.Org == tripoli.Org {
		return libya
	}
	return niger
}

func (d *desk) join(o office) {
	d.t.Helper()
	d.office = o
	ctx := context.Background()
	_, err := d.PinRoot(ctx, o.founded.Root)
	d.must(err)
	_, err = d.ImportNetwork(ctx, o.founded.Network)
	d.must(err)
	_, err = d.ImportBundle(ctx, o.founded.Bundles[d.number()][0])
	d.must(err)
}

// members is a node in Agadez and one in Tripoli, of two organisations that share a network.
func members(t testing.TB, db *store.DB) (ne, ly *desk) {
	t.Helper()
	other, err := store.Open(context.Background(), testkit.NewConfig(t, db.Engine()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	ne, ly = newDesk(t, db, agadez, false), newDesk(t, other, tripoli, false)
	found(t, false, ne, ly)
	return ne, ly
}

func (d *desk) issue(cmd Issue) Printed {
	d.t.Helper()
	if cmd.Point.IsZero() {
		cmd.Point = d.at.ID
	}
	p, err := d.Issue(context.Background(), d.who, cmd)
	d.must(err)
	return p
}

func (d *desk) update(cmd Update) Printed {
	d.t.Helper()
	if cmd.Point.IsZero() {
		cmd.Point = d.at.ID
	}
	p, err := d.Update(context.Background(), d.who, cmd)
	d.must(err)
	return p
}

// ask sends a request as the holder of a token and reads the answer into out.
func (d *desk) ask(token, method, path string, body, out any) (int, http.Header) {
	d.t.Helper()
	var b bytes.Buffer
	if body != nil {
		d.must(json.NewEncoder(&b).Encode(body))
	}
	r := httptest.NewRequest(method, path, &b)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	d.mux.ServeHTTP(w, r)
	switch out := out.(type) {
	case nil:
	case *string:
		*out = w.Body.String()
	default:
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			d.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
	}
	return w.Code, w.Header()
}

// read reads a card through the route.
func (d *desk) read(text string) (out Reading) {
	d.t.Helper()
	if code, _ := d.ask("volunteer", "POST", "/api/cards/read", map[string]any{"text": text, "point": d.at.ID}, &out); code != 200 {
		d.t.Fatalf("reading gave %d", code)
	}
	return out
}

func meal(n int) []Give { return []Give{{Code: "food.meal", Quantity: n}} }
