// Package people keeps files of persons who agreed to have one, or for whom there is another basis.
//
// Words:
//
//   - A file is what a point notes about one person: a name or none, sex, age, languages, needs. It belongs to the point
//     and organisation that opened it. Nobody needs one to be helped.
//   - A name is an ordered bag of parts; there is no surname. A file may have no name at all.
//   - An age is an interval of full years with the day on which it was that and how it is known.
//   - A need has a class: O for the staff of the point, H for the staff of health and cases. Needs of class S are not
//     recorded here at all: whoever hears of one writes private_talk.
//   - A basis is why a file, a card or a passing-on is allowed: consent with its answer, or vital interest, public
//     interest or legal obligation with a reason. It has a purpose and an end; a withdrawal names the basis it ends.
//   - Companions are persons who travel together. Every link is a fact of its own between two persons: nobody heads a
//     group. Who leaves is gone from the others' view, and nothing tells them so.
//   - Two files are alike when they may be one person's. Somebody compares them and says: same, not same, unsure. Both
//     files stay, whatever she says, and the answer can be taken back.
//   - A life event is what happened to somebody: died, moved on, came back, lost a card.
//
// Facts: opened, edited, basis_given, basis_withdrawn, companion_joined, companion_left, lived, compared. Their open part
// says where and when, and for opened the sex and age class that may be counted; all else is sealed under the person's
// key. fact.erased belongs to the journal.
//
// Invariants: the table people_fact holds sealed bytes and the columns that find them, on both engines, and a file is
// what a reader's query makes of the opened facts (see fold): repeats and order change nothing, an edit names the facts
// whose value it replaces, and two heads of a field are a conflict that is kept, and shown to those who may settle it.
// Names are searched in memory only, and the index is dropped when the node is locked. What the caller may not see is
// not found, in the same bytes as what is not there; every look, and every such refusal, is in the access log before the
// answer leaves.
//
// people_unfinished is a plain table: erasures whose keys are still to be destroyed.
package people
