// Package assist records what a service point does for people: contacts with the services given and those asked for and
// not given, arrivals of many at once, corrections, and the tallies of what is too sensitive to be linked to anybody.
//
// Words. A contact is one person at one point on one operating day (cut-off 04:00 local time); a tally of N is N
// contacts. Group, stage, direction and the answer to "helped on this route before?" belong to the contact, not to the
// person. An arrival is a group that comes at once, with its size by woman, man, girl, boy; people met later link to
// it. "Asked, not given" is recorded with its reason: it is the evidence of gaps and cannot be recovered later.
//
// Facts: recorded, arrived, corrected, linked, sealed_tallied. The open part says what was done, where, on which local
// day and for whom in numbers; who it was stands in the sealed part alone, so that a contact whose person was erased, or
// whose key is not here, counts as a tally.
//
// Invariants. A service of class S is never linked to a person here: it is tallied by the month, and only protection
// officers see the sums. An interval (a hygiene kit in thirty days) raises a question and never refuses. A correction is
// a fact that names what it replaces; the original stays. Two that did not name each other are a conflict (conflict.go):
// the later shows, and both stand until somebody settles it.
package assist
