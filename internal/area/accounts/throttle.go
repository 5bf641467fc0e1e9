package accounts

import (
	"crypto/sha256"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// The limits of signing in. Per login ten tries, then one a minute: whoever guesses can keep somebody out for a while,
// but those who are signed in stay so. Overall ten a second, because each costs an Argon2id.
const (
	triesPerLogin = 10
	triesEach     = time.Minute
	triesOverall  = 10
	burstOverall  = 100
	loginsKept    = 4096
)

// throttle limits tries by what was typed as login, whether it exists or not. When a generation of logins is full it
// becomes the old one and the older is forgotten: bounded memory under a flood of invented names.
type throttle struct {
	mu         sync.Mutex
	all        *rate.Limiter
	young, old map[[32]byte]*rate.Limiter
}

func newThrottle() *throttle {
	return &throttle{all: rate.NewLimiter(triesOverall, burstOverall), young: map[[32]byte]*rate.Limiter{}}
}

// try takes one try for name at now and tells whether there was one left.
func (t *throttle) try(name string, now time.Time) bool {
	key := sha256.Sum256([]byte(name))
	t.mu.Lock()
	defer t.mu.Unlock()
	one, ok := t.young[key]
	if !ok {
		if one, ok = t.old[key]; !ok {
			one = rate.NewLimiter(rate.Every(triesEach), triesPerLogin)
		}
		if len(t.young) >= loginsKept {
			t.old, t.young = t.young, map[[32]byte]*rate.Limiter{}
		}
		t.young[key] = one
	}
	return one.AllowN(now, 1) && t.all.AllowN(now, 1)
}

// tryAny takes one try that belongs to no login. Codes have fifty bits: they need no limit of their own, and a shared
// one would let a stranger keep everybody out.
func (t *throttle) tryAny(now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.all.AllowN(now, 1)
}

// forgive forgets the tries of a name after a good one.
func (t *throttle) forgive(name string) {
	key := sha256.Sum256([]byte(name))
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.young, key)
	delete(t.old, key)
}
