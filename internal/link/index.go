package link

import (
	"cmp"
	"math"
	"slices"
	"sync"
)

// Index finds, among the names of K, those that a query may mean. V is what the caller must know of each to say who
// may see it. Its methods may be called from any goroutine.
//
// It holds parts in their normal form and their posting lists; a part that no name has any more is forgotten.
type Index[K comparable, V any] struct {
	mu      sync.RWMutex
	slots   []slot[K, V]
	free    []uint32
	byKey   map[K]uint32
	parts   []posting
	spare   []uint32
	byPart  map[Part]uint32
	byBlock map[string][]uint32 // blocks of a part (its key, its key less one letter or h, its group) -> parts
}

type slot[K comparable, V any] struct {
	key   K
	value V
	parts []uint32 // nil: the slot is free
}

// posting is one part and the slots of the names that have it.
type posting struct {
	part  Part
	names []uint32
}

// NewIndex returns an empty index.
func NewIndex[K comparable, V any]() *Index[K, V] {
	x := &Index[K, V]{}
	x.clear()
	return x
}

// Clear forgets everything.
func (x *Index[K, V]) Clear() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.clear()
}

func (x *Index[K, V]) clear() {
	x.slots, x.free, x.parts, x.spare = nil, nil, nil, nil
	x.byKey, x.byPart, x.byBlock = map[K]uint32{}, map[Part]uint32{}, map[string][]uint32{}
}

// Len returns how many names are held.
func (x *Index[K, V]) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.byKey)
}

// Put holds the name of key, in place of what was held before. A name without parts is held and never found.
func (x *Index[K, V]) Put(key K, name []Part, value V) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.drop(key)
	var n uint32
	if k := len(x.free); k > 0 {
		n, x.free = x.free[k-1], x.free[:k-1]
	} else {
		n = uint32(len(x.slots))
		x.slots = append(x.slots, slot[K, V]{})
	}
	ids := make([]uint32, 0, len(name))
	for _, p := range name[:min(len(name), mostParts)] {
		id := x.intern(p)
		if !slices.Contains(ids, id) {
			x.parts[id].names = append(x.parts[id].names, n)
		}
		ids = append(ids, id)
	}
	x.slots[n] = slot[K, V]{key, value, ids}
	x.byKey[key] = n
}

func (x *Index[K, V]) intern(p Part) uint32 {
	if id, ok := x.byPart[p]; ok {
		return id
	}
	var id uint32
	if k := len(x.spare); k > 0 {
		id, x.spare = x.spare[k-1], x.spare[:k-1]
		x.parts[id] = posting{part: p}
	} else {
		id = uint32(len(x.parts))
		x.parts = append(x.parts, posting{part: p})
	}
	x.byPart[p] = id
	for _, b := range blocks(p) {
		x.byBlock[b] = append(x.byBlock[b], id)
	}
	return id
}

// Drop forgets the name of key.
func (x *Index[K, V]) Drop(key K) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.drop(key)
}

func (x *Index[K, V]) drop(key K) {
	n, ok := x.byKey[key]
	if !ok {
		return
	}
	delete(x.byKey, key)
	for _, id := range x.slots[n].parts {
		p := &x.parts[id]
		if p.names = without(p.names, n); len(p.names) > 0 || p.part.Norm == "" {
			continue
		}
		for _, b := range blocks(p.part) {
			if left := without(x.byBlock[b], id); len(left) == 0 {
				delete(x.byBlock, b)
			} else {
				x.byBlock[b] = left
			}
		}
		delete(x.byPart, p.part)
		*p = posting{}
		x.spare = append(x.spare, id)
	}
	x.slots[n] = slot[K, V]{}
	x.free = append(x.free, n)
}

// without takes v out of list, whose order says nothing.
func without(list []uint32, v uint32) []uint32 {
	i := slices.Index(list, v)
	if i < 0 {
		return list
	}
	list[i] = list[len(list)-1]
	return list[:len(list)-1]
}

// blocks are what two parts must share at least once to be compared. Keys that differ in one consonant share a key with
// one letter left out.
func blocks(p Part) []string {
	out := []string{p.Key, p.Norm[:1] + "."}
	if p.group != 0 {
		out = append(out, "="+string(rune(p.group)))
	}
	if k := silent(p.Key); len(k) >= 2 {
		out = append(out, "h"+k)
	}
	if len(p.Key) >= 3 {
		for i := range len(p.Key) {
			if b := "-" + p.Key[:i] + p.Key[i+1:]; !slices.Contains(out, b) {
				out = append(out, b)
			}
		}
		out = append(out, "-"+p.Key)
	}
	return out
}

// near returns the blocks in which to look for the likes of a part.
func near(p Part) []string {
	out := blocks(p)
	out = slices.DeleteFunc(out, func(b string) bool { return b == p.Norm[:1]+"." }) // initials only when one was asked
	if len(p.Norm) == 1 {
		out = append(out, p.Norm+".")
	}
	return out
}

// Hit is one name that answers a query, with its score from 0 to 1.
type Hit[K comparable] struct {
	Key   K
	Score float64
}

// least is the score under which a name is no answer: one part of two said alike, or one part close to it.
const least = 0.5

// scored bounds how many names are compared letter by letter for one query.
const scored = 300

// Find returns the names that answer the query best, at most most of them, best first. keep is asked for each
// candidate before anything of it counts: what it refuses is as if it were not held. It may return a factor for what
// else is known about the person, 1 for nothing. more tells that others answer as well.
func (x *Index[K, V]) Find(query []Part, most int, keep func(key K, value V) (factor float64, ok bool)) (hits []Hit[K], more bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	query = query[:min(len(query), mostParts)]
	votes := x.vote(query)
	type candidate struct {
		slot uint32
		vote float64
	}
	candidates := make([]candidate, 0, len(votes))
	for n, v := range votes {
		candidates = append(candidates, candidate{n, v})
	}
	slices.SortFunc(candidates, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.vote, a.vote), cmp.Compare(a.slot, b.slot))
	})
	var compared int
	var name []Part
	for _, c := range candidates {
		if compared == scored {
			break
		}
		s := &x.slots[c.slot]
		factor, ok := keep(s.key, s.value)
		if !ok {
			continue
		}
		compared++
		name = name[:0]
		for _, id := range s.parts {
			name = append(name, x.parts[id].part)
		}
		if score := Score(query, name, x.rarity) * factor; score >= least {
			hits = append(hits, Hit[K]{s.key, score})
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit[K]) int { return cmp.Compare(b.Score, a.Score) })
	if len(hits) > most {
		return hits[:most:most], true
	}
	return hits, false
}

// vote sums, for each name, how alike and how rare the parts are that it shares with the query.
func (x *Index[K, V]) vote(query []Part) map[uint32]float64 {
	votes := map[uint32]float64{}
	for _, q := range query {
		best := map[uint32]float64{} // by part
		for _, b := range near(q) {
			for _, id := range x.byBlock[b] {
				if _, seen := best[id]; !seen {
					best[id] = likeness(q, x.parts[id].part)
				}
			}
		}
		for id, v := range best {
			if v == 0 {
				continue
			}
			v *= x.weight(len(x.parts[id].names))
			for _, n := range x.parts[id].names {
				votes[n] += v
			}
		}
	}
	return votes
}

// rarity weighs a part by how few names have its key.
func (x *Index[K, V]) rarity(key string) float64 {
	n := 0
	for _, id := range x.byBlock[key] {
		n += len(x.parts[id].names)
	}
	return x.weight(n)
}

func (x *Index[K, V]) weight(names int) float64 {
	return 1 + math.Log(float64(len(x.byKey)+1)/float64(names+1))/4
}
