package link

import "math"

// Level says how alike two parts are.
type Level int

// The levels, from no likeness to the same letters.
const (
	Different Level = iota
	Initial         // one is the first letter of the other
	Close           // one letter differs in what is said, or one consonant in their keys
	Silent          // the same consonants but for an h
	SameKey         // the same consonants, other vowels
	SameSound       // said alike
	Variant         // the same name in two languages
	Same            // written alike
)

// worth is what a level counts for, of 1. Vowels that differ take from SameKey (see likeness).
var worth = [...]float64{0, 0.35, 0.58, 0.72, 0.8, 0.93, 0.95, 1}

// Compare tells how alike two parts are.
func Compare(a, b Part) Level {
	switch {
	case a.Norm == b.Norm && a.bare == b.bare:
		return Same
	case a.group != 0 && a.group == b.group:
		return Variant
	case a.Sound == b.Sound && !a.bare && !b.bare:
		return SameSound
	case a.Key == b.Key:
		return SameKey
	case initial(a.Norm, b.Norm):
		return Initial
	case len(silent(a.Key)) >= 2 && silent(a.Key) == silent(b.Key):
		return Silent
	case len(a.Key) >= 3 && len(b.Key) >= 3 && distance(a.Key, b.Key, 1) <= 1,
		!a.bare && !b.bare && len(a.Sound) >= 5 && len(b.Sound) >= 5 && distance(a.Sound, b.Sound, 1) <= 1:
		return Close
	}
	return Different
}

func initial(a, b string) bool {
	return (len(a) == 1 || len(b) == 1) && a[0] == b[0]
}

// likeness is the level's worth, less what the vowels say against it.
func likeness(a, b Part) float64 {
	level := Compare(a, b)
	v := worth[level]
	if (level == SameKey || level == Silent || level == Close) && !a.bare && !b.bare {
		v -= 0.06 * float64(max(0, distance(a.Sound, b.Sound, 4)-1))
	}
	return max(v, 0)
}

// Score tells how well a name answers a query, from 0 to 1: the parts of the query are given to parts of the name so
// that they agree best, each weighed by how rare it is. What the name has beyond the query says little against it; what
// the query has beyond the name does. weight is told a key and returns more than 0; nil weighs all alike.
func Score(query, name []Part, weight func(key string) float64) float64 {
	if len(query) == 0 || len(name) == 0 {
		return 0
	}
	if weight == nil {
		weight = func(string) float64 { return 1 }
	}
	var w [mostParts]float64
	all := 0.0
	for i, p := range query {
		w[i] = weight(p.Key)
		all += w[i]
	}
	table := make([][mostParts]float64, len(query))
	for i := range query {
		for j := range name {
			table[i][j] = w[i] * likeness(query[i], name[j])
			if i != j && len(query) > 1 {
				table[i][j] *= 0.99 // the order says a little
			}
		}
	}
	best := assign(table, len(name))
	extra := max(0, len(name)-len(query))
	return best / all * math.Pow(0.99, float64(extra))
}

// assign gives each row at most one column so that the sum is greatest. Names have few parts: up to four rows are tried
// in every order, longer ones are given away greedily.
func assign(table [][mostParts]float64, columns int) float64 {
	if len(table) > 4 {
		return greedy(table, columns)
	}
	var try func(row int, taken uint16) float64
	try = func(row int, taken uint16) float64 {
		if row == len(table) {
			return 0
		}
		best := try(row+1, taken) // this row stays alone
		for c := range columns {
			if taken&(1<<c) == 0 && table[row][c] > 0 {
				best = max(best, table[row][c]+try(row+1, taken|1<<c))
			}
		}
		return best
	}
	return try(0, 0)
}

func greedy(table [][mostParts]float64, columns int) float64 {
	sum := 0.0
	var rows, taken uint16
	for range table {
		best, r, c := 0.0, -1, -1
		for i := range table {
			for j := range columns {
				if rows&(1<<i) == 0 && taken&(1<<j) == 0 && table[i][j] > best {
					best, r, c = table[i][j], i, j
				}
			}
		}
		if r < 0 {
			break
		}
		rows, taken, sum = rows|1<<r, taken|1<<c, sum+best
	}
	return sum
}

// distance is the number of letters to add, drop or change (Levenshtein), and most+1 when it is more than most.
func distance(a, b string, most int) int {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > most {
		return most + 1
	}
	var buffer [4*mostRunes + 1]int
	row := buffer[:min(len(a)+1, len(buffer))]
	a = a[:len(row)-1]
	for i := range row {
		row[i] = i
	}
	for j := range len(b) {
		before, least := row[0], j+1
		row[0] = j + 1
		for i := range len(a) {
			here := before
			if a[i] != b[j] {
				here = 1 + min(before, row[i], row[i+1])
			}
			before, row[i+1] = row[i+1], here
			least = min(least, here)
		}
		if least > most {
			return most + 1
		}
	}
	return min(row[len(a)], most+1)
}
