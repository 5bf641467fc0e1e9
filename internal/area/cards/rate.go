package cards

import (
	"sync"
	"time"

	"serai/internal/fact"
)

// rate counts what each account read within the last hour. It is memory alone, so that a reading costs the same when the
// access log has millions of entries; after a restart it begins anew, and the log still has every look.
type rate struct {
	mu    sync.Mutex
	reads map[fact.Handle][]time.Time
}

const rateWindow = time.Hour

// count returns how many readings an account has behind it since an hour before now.
func (r *rate) count(who fact.Handle, now time.Time) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.recent(who, now))
}

func (r *rate) recent(who fact.Handle, now time.Time) []time.Time {
	all := r.reads[who]
	for len(all) > 0 && now.Sub(all[0]) >= rateWindow {
		all = all[1:]
	}
	return all
}

// add counts one more. most bounds what is kept of one account; the alert has long been given by then.
func (r *rate) add(who fact.Handle, now time.Time, most int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reads == nil || len(r.reads) > 4096 { // accounts come and go; nobody reads cards from thousands
		r.reads = map[fact.Handle][]time.Time{}
	}
	all := append(r.recent(who, now), now)
	r.reads[who] = all[max(0, len(all)-most):]
}
