package hours

import "strings"

// week is a set of weekdays, bit 0 being Monday.
type week uint8

const wholeWeek week = 1<<7 - 1

var dayNames = [7]string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"}

func (w week) has(weekday int) bool { return w&(1<<weekday) != 0 }

// span returns the days from one to another, over the week's end if need be.
func span(from, to int) week {
	var w week
	for i := from; ; i = (i + 1) % 7 {
		w |= 1 << i
		if i == to {
			return w
		}
	}
}

// String writes the set as runs in the order of the week, joined over the week's end: "Mo-Fr", "Su-Th", "Mo,We,Fr-Sa".
func (w week) String() string {
	if w == wholeWeek {
		return "Mo-Su"
	}
	var runs []string
	for i := range 7 {
		if !w.has(i) || w.has((i+6)%7) {
			continue
		}
		j := i
		for w.has((j + 1) % 7) {
			j = (j + 1) % 7
		}
		if i == j {
			runs = append(runs, dayNames[i])
		} else {
			runs = append(runs, dayNames[i]+"-"+dayNames[j])
		}
	}
	return strings.Join(runs, ",")
}
