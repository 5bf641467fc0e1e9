package fact

import (
	"fmt"
	"time"
)

// Stamp is a hybrid logical clock: 48 bits of milliseconds since 1970 and 16 bits of counter. Parents decide which
// edit replaces which; stamps only break ties between edits that did not know of each other.
type Stamp uint64

// MaxStamp is the end of the year 2100. A fact stamped beyond it is quarantined, never ordered.
var MaxStamp = StampOf(time.Date(2101, 1, 1, 0, 0, 0, 0, time.UTC)) - 1

// StampOf returns the first stamp of the millisecond of t; of times that 48 bits do not hold, the nearest.
func StampOf(t time.Time) Stamp {
	return Stamp(uint64(min(max(t.UnixMilli(), 0), 1<<48-1)) << 16)
}

// Next returns the stamp that follows the own clock, the own last stamp and those of the parents: the largest of them,
// and one more where the clock does not lead. Merely receiving moves nothing, so that one peer whose clock is ten
// years ahead drags nobody with it.
//
// A clock beyond 2100 is no clock, and nothing is stamped beyond: peers would quarantine it, and with it all that
// follows in the feed. Who edits a fact that was stamped at that very end gets the same stamp; parents decide.
func Next(now time.Time, last Stamp, parents ...Stamp) Stamp {
	next := last
	for _, p := range parents {
		next = max(next, p)
	}
	next++
	if clock := StampOf(now); clock <= MaxStamp {
		next = max(next, clock)
	}
	return min(next, MaxStamp)
}

// Time returns the wall-clock part of the stamp.
func (s Stamp) Time() time.Time { return time.UnixMilli(int64(s >> 16)).UTC() }

// String returns the time and the counter, for people who read logs.
func (s Stamp) String() string {
	return fmt.Sprintf("%s+%d", s.Time().Format("2006-01-02T15:04:05.000Z"), uint16(s))
}
