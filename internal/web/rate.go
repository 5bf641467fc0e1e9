package web

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rate says how many requests a second one session and one address may make, and how many at once after a pause.
// A point may sit behind one address with all its tablets, hence the second pair is the larger. Zero values take the
// defaults (50 and 200, 200 and 600); a negative rate switches its limit off.
type Rate struct {
	Session, Address           float64
	SessionBurst, AddressBurst int
}

// limits holds the token buckets and counts the requests in work.
type limits struct {
	sessions  *buckets[[32]byte]
	addresses *buckets[netip.Prefix]
	slots     chan struct{}
	clock     func() time.Time
}

func newLimits(r Rate, concurrent int, clock func() time.Time) *limits {
	if r.Session == 0 {
		r.Session = 50
	}
	if r.SessionBurst == 0 {
		r.SessionBurst = 200
	}
	if r.Address == 0 {
		r.Address = 200
	}
	if r.AddressBurst == 0 {
		r.AddressBurst = 600
	}
	return &limits{
		sessions:  newBuckets[[32]byte](r.Session, r.SessionBurst),
		addresses: newBuckets[netip.Prefix](r.Address, r.AddressBurst),
		slots:     make(chan struct{}, concurrent),
		clock:     clock,
	}
}

// session takes one token of a session; the result is how long to wait, 0 when there was one.
func (l *limits) session(sum [32]byte) time.Duration { return l.sessions.take(sum, l.clock()) }

// address takes one token of a network address. An IPv6 subscriber owns a whole /64.
func (l *limits) address(remote string) time.Duration {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return 0 // a pipe or a test without an address
	}
	addr, bits := ap.Addr().Unmap(), 64
	if addr.Is4() {
		bits = 32
	}
	prefix, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return 0
	}
	return l.addresses.take(prefix, l.clock())
}

// limited refuses what is too much, before anything is read: overload must not reach acknowledged work.
func (m *Mux) limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wait := m.limits.address(r.RemoteAddr); wait > 0 {
			m.fail(w, r, tooMany(wait))
			return
		}
		select {
		case m.limits.slots <- struct{}{}:
			defer func() { <-m.limits.slots }()
			next.ServeHTTP(w, r)
		default:
			m.fail(w, r, errBusy)
		}
	})
}

// maxBuckets bounds the memory of one table; two generations of it are kept.
const maxBuckets = 8192

// buckets are token buckets by key. When a generation is full it becomes the old one and the older is dropped, so
// that a flood of new keys costs bounded memory and forgets only who has been silent for longest.
type buckets[K comparable] struct {
	limit rate.Limit
	burst int
	mu    sync.Mutex
	young map[K]*rate.Limiter
	old   map[K]*rate.Limiter
}

func newBuckets[K comparable](perSecond float64, burst int) *buckets[K] {
	if perSecond < 0 {
		return &buckets[K]{limit: rate.Inf}
	}
	return &buckets[K]{limit: rate.Limit(perSecond), burst: burst, young: map[K]*rate.Limiter{}}
}

func (b *buckets[K]) take(key K, now time.Time) time.Duration {
	if b.limit == rate.Inf {
		return 0
	}
	b.mu.Lock()
	lim, ok := b.young[key]
	if !ok {
		if lim, ok = b.old[key]; !ok {
			lim = rate.NewLimiter(b.limit, b.burst)
		}
		if len(b.young) >= maxBuckets {
			b.old, b.young = b.young, make(map[K]*rate.Limiter)
		}
		b.young[key] = lim
	}
	b.mu.Unlock()
	if lim.AllowN(now, 1) {
		return 0
	}
	return max(time.Second, time.Duration(float64(time.Second)/float64(b.limit)))
}
