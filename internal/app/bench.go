package app

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/jackc/pgx/v5"

	"serai/internal/access"
	"serai/internal/area/people"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/seal"
	"serai/internal/store"
	"serai/internal/web"
)

// Measured is one line of a benchmark: what applies.
type Measured struct {
	What      string  `json:"what"`
	Engine    string  `json:"engine,omitempty"`
	N         int     `json:"n"`
	PerSecond float64 `json:"per_second,omitempty"`
	P50       float64 `json:"p50_ms,omitempty"`
	P99       float64 `json:"p99_ms,omitempty"`
	CPUEach   float64 `json:"cpu_ms_each,omitempty"` // of this process, the node; clients run in another
	RSS       float64 `json:"rss_mb,omitempty"`
	Start     float64 `json:"start_ms,omitempty"` // from nothing to ready
	Failed    int     `json:"failed,omitempty"`
	Runs      int     `json:"runs,omitempty"` // of which the figures are the median
	Least     float64 `json:"per_second_least,omitempty"`
	Most      float64 `json:"per_second_most,omitempty"`
}

// Bench measures with the real program.
type Bench struct {
	Engine  string // sqlite, postgres
	DSN     string // for postgres: an empty database
	N       int
	Clients int
	People  int
	Runs    int
	Dir     string // where the node lives; a temporary directory when empty
	Exe     string // this program, for the clients
}

// node makes a node with the demo network and one volunteer for each client.
func (b Bench) node(ctx context.Context) (n *Node, tokens []string, done func(), err error) {
	dir := b.Dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "serai-bench-"); err != nil {
			return nil, nil, nil, err
		}
	}
	remove := func() {
		if b.Dir == "" {
			_ = os.RemoveAll(dir)
		}
	}
	c := Config{Data: filepath.Join(dir, "data"), Rate: web.Rate{Session: -1, Address: -1}}
	if b.Engine == string(store.Postgres) {
		if b.DSN == "" {
			return nil, nil, nil, fault.Field("postgres", "bench.no_postgres", "give the address of an empty PostgreSQL database")
		}
		var drop func()
		if c.Postgres, drop, err = throwaway(ctx, b.DSN); err != nil {
			return nil, nil, nil, err
		}
		files := remove
		remove = func() { drop(); files() }
	}
	ring, err := newRing(c.Data)
	if err != nil {
		return nil, nil, nil, err
	}
	n, err = prepare(ctx, c, ring, Settings{Org: "NRC", Label: "Bench", Demo: true})
	if err != nil {
		remove()
		return nil, nil, nil, err
	}
	done = func() { _ = n.Close(); remove() }
	for i := range b.Clients {
		login := fmt.Sprintf("bench%02d", i)
		err := n.AddUser(ctx, NewUser{Login: login, Name: login, Language: "en", Role: string(access.Volunteer), Point: "NE-AGZ", Password: benchPassword})
		if err != nil {
			done()
			return nil, nil, nil, err
		}
		token, err := n.Accounts.SignIn(ctx, credentials(login, benchPassword))
		if err != nil {
			done()
			return nil, nil, nil, err
		}
		tokens = append(tokens, token)
	}
	return n, tokens, done, nil
}

const benchPassword = "camel-water-route-19"

// throwaway makes an empty database on the server at dsn, and a function that removes it.
func throwaway(ctx context.Context, dsn string) (string, func(), error) {
	admin, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return "", nil, fmt.Errorf("reach PostgreSQL: %w", err)
	}
	defer admin.Close(ctx)
	name := fmt.Sprintf("serai_bench_%d_%d", os.Getpid(), time.Now().UnixNano())
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", nil, fmt.Errorf("make a database: %w", err)
	}
	drop := func() {
		c, err := pgx.Connect(context.Background(), dsn)
		if err != nil {
			return
		}
		defer c.Close(context.Background())
		_, _ = c.Exec(context.Background(), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	}
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme == "" {
		return dsn + " dbname=" + name, drop, nil
	}
	u.Path = "/" + name
	return u.String(), drop, nil
}

// newRing makes a keyring with a throw-away slot.
func newRing(dir string) (*seal.Keyring, error) {
	ring, err := seal.Create(dir)
	if err != nil {
		return nil, err
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	if err := ring.AddRecipient("recovery", id.Recipient().String()); err != nil {
		return nil, err
	}
	return ring, seal.WriteFile(recipientFile(dir), []byte(id.Recipient().String()+"\n"))
}

// fill opens files for n people, the way a desk does.
func (b Bench) fill(ctx context.Context, n *Node, count int) ([]fact.PersonID, error) {
	who := n.staffActor(access.Volunteer, "NE-AGZ")
	out := make([]fact.PersonID, count)
	names := []string{"Hadiza", "Mariama", "Ibrahim", "Moussa", "Aïcha", "Amadou", "Fatouma", "Issoufou", "Zeinabou", "Abdoulaye"}
	work := make(chan int)
	errs := make(chan error, 16)
	for range 16 {
		go func() {
			var failed error
			for i := range work {
				if failed != nil {
					continue
				}
				f, err := n.People.Open(ctx, who, people.OpenFile{Point: fact.PointByCode("NE-AGZ"),
					Profile: people.Profile{Sex: []string{"F", "M"}[i%2], Name: &people.Name{Parts: []string{names[i%10], names[(i/10)%10], "B" + strconv.Itoa(i)}, Script: "latin"},
						Age: &people.Age{Low: 18 + i%40, High: 18 + i%40, On: fact.DayOf(n.Config.Now()), Method: "stated"}, Languages: []string{"ha"}},
					Basis: people.Given{Basis: "consent", Purpose: people.PurposeFile, Language: "ha", How: "spoken", Answer: "yes"}})
				out[i], failed = f.Person, err
			}
			errs <- failed
		}()
	}
	for i := range count {
		work <- i
	}
	close(work)
	for range 16 {
		if err := <-errs; err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Contacts records contacts over HTTP, durable, sealed, with session, permission, access log, chain and projection.
// The clients are another process, so that the node's CPU is the node's.
func (b Bench) Contacts(ctx context.Context) (Measured, error) {
	n, tokens, done, err := b.node(ctx)
	if err != nil {
		return Measured{}, err
	}
	defer done()
	persons, err := b.fill(ctx, n, b.People)
	if err != nil {
		return Measured{}, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	addr := make(chan string, 1)
	served := make(chan error, 1)
	go func() {
		served <- web.Server{Addr: "127.0.0.1:0", Handler: n.Web, Listening: func(a net.Addr) { addr <- a.String() }}.Listen(ctx)
	}()
	var base string
	select {
	case a := <-addr:
		base = "http://" + a
	case err := <-served:
		return Measured{}, err
	}
	runtime.GC()
	before := cpuTime()
	load, err := runClients(ctx, b.Exe, Load{URL: base, Tokens: tokens, People: persons, N: b.N})
	spent := cpuTime() - before
	if err != nil {
		return Measured{}, err
	}
	m := Measured{What: "contacts", Engine: b.Engine, N: load.N, PerSecond: float64(load.N) / load.Seconds, Failed: load.Failed, RSS: rss()}
	m.P50, m.P99 = load.quantile(0.5), load.quantile(0.99)
	m.CPUEach = spent.Seconds() * 1000 / float64(max(load.N, 1))
	return m, nil
}

// Rebuild measures the rebuild of N facts: the median of several runs, and the most memory that any of them took.
func (b Bench) Rebuild(ctx context.Context) (Measured, error) {
	b.Clients = 1
	n, _, done, err := b.node(ctx)
	if err != nil {
		return Measured{}, err
	}
	defer done()
	persons, err := b.fill(ctx, n, max(b.N/20, 1))
	if err != nil {
		return Measured{}, err
	}
	if err := b.contacts(ctx, n, persons, b.N-2*len(persons)); err != nil {
		return Measured{}, err
	}
	runtime.GC()
	var runs []Measured
	for range max(b.Runs, 1) {
		before := cpuTime()
		r, err := n.Rebuild(ctx, nil)
		if err != nil {
			return Measured{}, err
		}
		runs = append(runs, Measured{What: "rebuild", Engine: b.Engine, N: int(r.N), PerSecond: r.PerSecond, Start: r.Seconds * 1000, Runs: b.Runs, RSS: rssPeak(),
			CPUEach: (cpuTime() - before).Seconds() * 1000 / float64(max(r.N, 1))})
	}
	slices.SortFunc(runs, func(a, b Measured) int { return cmp.Compare(a.PerSecond, b.PerSecond) })
	m := runs[len(runs)/2]
	m.Least, m.Most = runs[0].PerSecond, runs[len(runs)-1].PerSecond
	return m, nil
}

// Start measures how long a node with People files takes from nothing to ready, and its memory at rest.
func (b Bench) Start(ctx context.Context) (Measured, error) {
	b.Clients = 1
	dir, err := os.MkdirTemp("", "serai-bench-")
	if err != nil {
		return Measured{}, err
	}
	defer os.RemoveAll(dir)
	b.Dir = dir
	n, _, done, err := b.node(ctx)
	if err != nil {
		return Measured{}, err
	}
	defer done() // on PostgreSQL the database goes with it, which the node that is started needs
	if b.People > 0 {
		if _, err := b.fill(ctx, n, b.People); err != nil {
			return Measured{}, err
		}
	}
	c, ring := n.Config, n.Ring
	if err := n.Close(); err != nil {
		return Measured{}, err
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return Measured{}, err
	}
	if err := ring.AddRecipient("bench", id.Recipient().String()); err != nil {
		return Measured{}, err
	}
	keyFile := filepath.Join(dir, "key")
	if err := seal.WriteFile(keyFile, []byte(id.String()+"\n")); err != nil {
		return Measured{}, err
	}
	took, idle, err := startAndLook(ctx, b.Exe, c, keyFile)
	return Measured{What: "start", Engine: b.Engine, N: b.People, Start: took.Seconds() * 1000, RSS: idle}, err
}

// rss returns the memory of this process in MB.
func rss() float64 { return rssOf(os.Getpid()) }

// rssPeak returns the most memory that this process ever had, in MB.
func rssPeak() float64 { return status(os.Getpid(), "VmHWM:") }

func rssOf(pid int) float64 { return status(pid, "VmRSS:") }

func status(pid int, name string) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			kb, _ := strconv.Atoi(strings.Fields(rest)[0])
			return float64(kb) / 1024
		}
	}
	return 0
}

func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

func sortedCopy[T cmp.Ordered](s []T) []T {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}

// since is the time that something took.
func since(t time.Time) float64 { return float64(time.Since(t).Microseconds()) / 1000 }
