package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"serai/internal/area/assist"
	"serai/internal/fact"
)

// Load is what the clients of a benchmark do, and what they saw of it.
type Load struct {
	URL    string          `json:"url,omitempty"`
	Tokens []string        `json:"tokens,omitempty"` // one for each client
	People []fact.PersonID `json:"people,omitempty"`
	N      int             `json:"n"`

	Seconds float64   `json:"seconds,omitempty"`
	Failed  int       `json:"failed,omitempty"`
	First   string    `json:"first,omitempty"` // the first failure
	Millis  []float64 `json:"millis,omitempty"`
}

func (l Load) quantile(q float64) float64 { return quantile(l.Millis, q) }

// runClients runs the clients in another process: this program again.
func runClients(ctx context.Context, exe string, l Load) (out Load, err error) {
	in, err := json.Marshal(l)
	if err != nil {
		return out, err
	}
	cmd := exec.CommandContext(ctx, exe, "bench", "client")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	b, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("run the clients: %w", err)
	}
	if err := json.Unmarshal(b, &out); err != nil {
		return out, err
	}
	if out.First != "" {
		return out, fmt.Errorf("%d of %d requests failed, the first with %s", out.Failed, l.N, out.First)
	}
	return out, nil
}

// Client is the other process: it reads a Load, works it off and writes what it saw.
func Client(ctx context.Context, in io.Reader, out io.Writer) error {
	var l Load
	if err := json.NewDecoder(in).Decode(&l); err != nil {
		return err
	}
	var next atomic.Int64
	var mu sync.Mutex
	var wg sync.WaitGroup
	result := Load{N: l.N}
	transport := &http.Transport{MaxIdleConnsPerHost: len(l.Tokens), MaxConnsPerHost: len(l.Tokens)}
	client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
	start := time.Now()
	for _, token := range l.Tokens {
		wg.Go(func() {
			var took []float64
			for ctx.Err() == nil {
				i := next.Add(1)
				if i > int64(l.N) {
					break
				}
				begin := time.Now()
				err := l.contact(ctx, client, token, int(i))
				took = append(took, since(begin))
				if err != nil {
					mu.Lock()
					result.Failed++
					if result.First == "" {
						result.First = err.Error()
					}
					mu.Unlock()
				}
			}
			mu.Lock()
			result.Millis = append(result.Millis, took...)
			mu.Unlock()
		})
	}
	wg.Wait()
	result.Seconds = time.Since(start).Seconds()
	result.Millis = sortedCopy(result.Millis)
	return json.NewEncoder(out).Encode(result)
}

var benchServices = [][]assist.Given{
	{{Code: "food.meal", Quantity: 1}, {Code: "water", Quantity: 3}}, {{Code: "hygiene_kit", Quantity: 1}}, {{Code: "family_links.call", Quantity: 1}}, {{Code: "information", Quantity: 1}},
}

func (l Load) contact(ctx context.Context, client *http.Client, token string, i int) error {
	body, err := json.Marshal(map[string]any{
		"id": fact.NewContactID(time.Now()), "point": "NE-AGZ", "person": l.People[i%len(l.People)], "group": "on_move", "stage": "transit",
		"direction": "onward", "disability": "not_asked", "repeat": "before", "services": benchServices[i%len(benchServices)],
	})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.URL+"/api/contacts", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusCreated {
		err = fmt.Errorf("%s: %s", res.Status, answer)
	}
	return err
}

// contacts records n contacts through the service, many at once.
func (b Bench) contacts(ctx context.Context, n *Node, people []fact.PersonID, count int) error {
	who := n.staffActor("volunteer", "NE-AGZ")
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for failed.Load() == nil {
				i := int(next.Add(1))
				if i > count {
					return
				}
				_, err := n.Assist.Record(ctx, who, assist.RecordInput{Point: fact.PointByCode("NE-AGZ"), Person: people[i%len(people)],
					Record: assist.Record{Services: benchServices[i%len(benchServices)], Group: "on_move", Repeat: "before"}})
				if err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

// startAndLook starts the program on a data directory, waits until it is ready, lets it rest, and reads its memory.
func startAndLook(ctx context.Context, exe string, c Config, keyFile string) (took time.Duration, idle float64, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, 0, err
	}
	addr := l.Addr().String()
	_ = l.Close()
	args := []string{"serve", "--data", c.Data, "--addr", addr, "--key-file", keyFile}
	if c.Postgres != "" {
		args = append(args, "--postgres", c.Postgres)
	}
	begin := time.Now()
	cmd := exec.CommandContext(ctx, exe, args...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return 0, 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, 0, err
	}
	var said strings.Builder
	go func() {
		for s := bufio.NewScanner(stderr); s.Scan(); {
			said.WriteString(s.Text() + "\n")
		}
	}()
	defer func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}()
	for {
		res, err := http.Get("http://" + addr + "/readyz")
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Since(begin) > 2*time.Minute {
			return 0, 0, fmt.Errorf("the node did not become ready: %s", said.String())
		}
		time.Sleep(2 * time.Millisecond)
	}
	took = time.Since(begin)
	time.Sleep(3 * time.Second)
	return took, rssOf(cmd.Process.Pid), nil
}
