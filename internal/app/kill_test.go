package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/seal"
	"serai/internal/store"
	"serai/internal/testkit"
	"serai/internal/web"
)

// childEnv names the data directory of a test binary that serves instead of testing.
const childEnv = "SERAI_TEST_SERVE"

// TestServe is the node of other tests: this binary again, in a process that can be killed. Alone it does nothing.
func TestServe(t *testing.T) {
	dir := os.Getenv(childEnv)
	if dir == "" {
		return
	}
	c := Config{Data: dir, Postgres: os.Getenv(childEnv + "_POSTGRES"), Addr: "127.0.0.1:0", Rate: web.Rate{Session: -1, Address: -1}}
	if err := Serve(context.Background(), c, "", filepath.Join(filepath.Dir(dir), "key"), func(url string) { fmt.Println(childSays + url) }); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const childSays = "listening at "

// victim is a node in a process of its own, with the clients that load it.
type victim struct {
	t       *testing.T
	dir     string
	dsn     string
	persons []fact.PersonID
	clients []*killClient
}

// killClient posts contacts. What was not acknowledged it posts again, the same bytes under the same id, as a tablet does.
type killClient struct {
	token   string
	http    *http.Client
	random  *rand.Rand
	pending []byte
	acked   map[string]bool
	tried   map[string]bool
	sent    int
	refused string
}

func newVictim(t *testing.T, e store.Engine) *victim {
	t.Helper()
	ctx := context.Background()
	v := &victim{t: t, dir: filepath.Join(t.TempDir(), "data"), dsn: testkit.NewConfig(t, e).DSN}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ring, err := newRing(v.dir)
	must(err)
	id, err := age.GenerateX25519Identity()
	must(err)
	must(ring.AddRecipient("key", id.Recipient().String()))
	must(seal.WriteFile(filepath.Join(filepath.Dir(v.dir), "key"), []byte(id.String()+"\n")))
	n, err := prepare(ctx, Config{Data: v.dir, Postgres: v.dsn}, ring, Settings{Org: homeOrg, Label: "Victim", Demo: true})
	must(err)
	who := everyRole(homeOrg, fact.Handle{0xaa})
	for i := range 20 {
		f, err := n.People.Open(ctx, who, openFile(fact.PointByCode(homePoint), fmt.Sprintf("Hawa%d", i)))
		must(err)
		v.persons = append(v.persons, f.Person)
	}
	for i := range 8 {
		login := fmt.Sprintf("volunteer%d", i)
		must(n.AddUser(ctx, NewUser{Login: login, Name: login, Language: "en", Role: string(access.Volunteer), Point: homePoint, Password: worldPassword}))
		token, err := n.Accounts.SignIn(ctx, credentials(login, worldPassword))
		must(err)
		v.clients = append(v.clients, &killClient{token: token, http: &http.Client{Transport: &http.Transport{}, Timeout: 20 * time.Second},
			random: rand.New(rand.NewPCG(uint64(i), 9)), acked: map[string]bool{}, tried: map[string]bool{}})
	}
	must(n.Close())
	return v
}

// start runs the node in a process and returns it with its address, empty when it ended before it listened.
func (v *victim) start() (cmd *exec.Cmd, url string) {
	v.t.Helper()
	cmd = exec.Command(os.Args[0], "-test.run=^TestServe$", "-test.timeout=10m")
	cmd.Env = append(os.Environ(), childEnv+"="+v.dir, childEnv+"_POSTGRES="+v.dsn)
	out, err := cmd.StdoutPipe()
	if err != nil {
		v.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at, ok := strings.CutPrefix(lines.Text(), childSays); ok {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return cmd, at
		}
	}
	_ = cmd.Wait()
	return cmd, ""
}

// once starts the node, loads it, and kills it after a while.
func (v *victim) once(random *rand.Rand) {
	v.t.Helper()
	var cmd *exec.Cmd
	var url string
	// A PostgreSQL server may need a moment to see that the dead node let go of the database.
	for deadline := time.Now().Add(20 * time.Second); url == ""; {
		if cmd, url = v.start(); url == "" && time.Now().After(deadline) {
			v.t.Fatal("the node does not start again")
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	first := make(chan struct{}, len(v.clients))
	for _, c := range v.clients {
		wg.Go(func() { c.run(ctx, url, v.persons, first) })
	}
	if random.IntN(8) > 0 { // else it dies while it opens
		select {
		case <-first:
		case <-time.After(20 * time.Second):
			v.t.Error("the node answers nobody")
		}
	}
	time.Sleep(time.Duration(random.IntN(60_000)) * time.Microsecond)
	if err := cmd.Process.Kill(); err != nil {
		v.t.Error(err)
	}
	_ = cmd.Wait() // it was killed, and says so
	stop()
	wg.Wait()
}

// run posts until the node is gone.
func (c *killClient) run(ctx context.Context, url string, persons []fact.PersonID, first chan<- struct{}) {
	defer c.http.CloseIdleConnections()
	for {
		if c.pending == nil {
			c.pending = c.contact(persons)
		}
		var id struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(c.pending, &id) != nil {
			return
		}
		c.tried[id.ID] = true
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/contacts", bytes.NewReader(c.pending))
		if err != nil {
			return
		}
		req.Header.Set("Authorization", "Bearer "+c.token)
		req.Header.Set("Content-Type", "application/json")
		res, err := c.http.Do(req)
		if err != nil {
			return
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		switch {
		case err != nil:
			return // the head alone is no acknowledgement
		case res.StatusCode == http.StatusCreated:
			c.acked[id.ID] = true
			c.pending = nil
			c.sent++
			select {
			case first <- struct{}{}:
			default:
			}
		case res.StatusCode == http.StatusServiceUnavailable: // it opens
			time.Sleep(2 * time.Millisecond)
		default:
			c.refused = fmt.Sprintf("%d %s", res.StatusCode, body)
			return
		}
	}
}

func (c *killClient) contact(persons []fact.PersonID) []byte {
	b := object{"id": fact.NewContactID(time.Now()), "point": homePoint, "services": []object{{"code": "water", "quantity": 1}}, "group": "on_move"}
	if c.random.IntN(2) == 0 {
		b["person"] = persons[c.random.IntN(len(persons))]
	} else {
		b["sex"] = "F"
	}
	text, err := json.Marshal(b)
	if err != nil {
		panic(err)
	}
	return text
}

// check opens what is left and counts.
func (v *victim) check(kills int) {
	v.t.Helper()
	ctx := context.Background()
	key, err := os.ReadFile(filepath.Join(filepath.Dir(v.dir), "key"))
	if err != nil {
		v.t.Fatal(err)
	}
	ring, err := seal.UnlockIdentity(v.dir, string(key))
	if err != nil {
		v.t.Fatal(err)
	}
	var n *Node
	for range 100 { // until the server has seen that the dead node let go
		if n, err = Open(ctx, Config{Data: v.dir, Postgres: v.dsn}, ring, nil); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		v.t.Fatal(err)
	}
	defer n.Close()
	rep, err := n.Journal.Verify(ctx)
	if err != nil || rep.Bad != "" || rep.Quarantined != 0 {
		v.t.Fatalf("after %d kills: %v, %+v", kills, err, rep)
	}
	times := map[string]int{}
	var quantity int64
	err = n.DB.Read(ctx, func(tx *store.Tx) error {
		if _, err := tx.One(`SELECT coalesce(sum(quantity), 0) FROM assist_service`, nil, &quantity); err != nil {
			return err
		}
		return tx.Each(`SELECT contact FROM assist_contact`, nil, func(r *store.Row) error {
			var id fact.ContactID
			err := r.Scan(&id)
			times[id.String()]++
			return err
		})
	})
	if err != nil {
		v.t.Fatal(err)
	}
	acked, unacked, doubled, lost, foreign := 0, 0, 0, 0, len(times)
	for _, c := range v.clients {
		if c.refused != "" {
			v.t.Errorf("a contact was refused: %s", c.refused)
		}
		acked += len(c.acked)
		for id := range c.tried {
			switch {
			case times[id] > 1:
				doubled++
			case times[id] == 0 && c.acked[id]:
				lost++
			case times[id] == 1 && !c.acked[id]:
				unacked++
			}
			if times[id] > 0 {
				foreign--
			}
		}
	}
	if doubled+lost+foreign > 0 || quantity != int64(len(times)) {
		v.t.Errorf("%d doubled, %d lost, %d that nobody sent, %d services for %d contacts", doubled, lost, foreign, quantity, len(times))
	}
	v.t.Logf("%d kills, %d contacts acknowledged: 0 lost, 0 doubled; %d were written and not acknowledged; %d facts verified", kills, acked, unacked, rep.Facts)
}

// The node is killed, not stopped, while eight tablets record: what was acknowledged is there once, and what they sent
// again is not there twice.
func TestKilledNodesLoseNothingAcknowledged(t *testing.T) {
	kills := map[store.Engine]int{store.SQLite: 300, store.Postgres: 30}
	if testing.Short() {
		kills = map[store.Engine]int{store.SQLite: 12, store.Postgres: 4}
	}
	for _, e := range testkit.Engines(t) {
		t.Run(string(e), func(t *testing.T) {
			v := newVictim(t, e)
			random := rand.New(rand.NewPCG(20260401, 5))
			for range kills[e] {
				v.once(random)
				if t.Failed() {
					break
				}
			}
			v.check(kills[e])
		})
	}
}
