package cards

import (
	"sync"
	"time"

	"serai/internal/fact"
)

// printable is how long a text can be printed after it was made.
const printable = time.Hour

// printsMost bounds the texts in memory. The oldest go first.
const printsMost = 4096

// face is one paper: its text, and for a blank card its serial.
type face struct {
	Text   string
	Serial string
}

// print is what was made and can still be printed: one card, or a stock of blank ones.
type print struct {
	faces    []face
	language string
	org      fact.OrgID
	point    fact.PointID
	made     time.Time
	answer   Printed
}

// prints keeps texts in memory, by the fact that made them, and nowhere else.
type prints struct {
	mu  sync.Mutex
	all map[fact.FactID]print
}

func (p *prints) put(id fact.FactID, x print) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = map[fact.FactID]print{}
	}
	var oldest fact.FactID
	for k, v := range p.all {
		if x.made.Sub(v.made) >= printable {
			delete(p.all, k)
		} else if oldest.IsZero() || v.made.Before(p.all[oldest].made) {
			oldest = k
		}
	}
	if len(p.all) >= printsMost {
		delete(p.all, oldest)
	}
	p.all[id] = x
}

func (p *prints) get(id fact.FactID, now time.Time) (print, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	x, ok := p.all[id]
	if ok && now.Sub(x.made) >= printable {
		delete(p.all, id)
		return print{}, false
	}
	return x, ok
}

func (p *prints) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = nil
}
