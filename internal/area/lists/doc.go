// Package lists holds the catalogue and the lists as this network has edited them: labels, what is hidden, how soon a
// repeat raises a question, and services of its own.
//
// The shipped catalogue is data of the program (package catalogue); what stands here are edits of it, made by
// administrators and open to the whole network. Codes never change meaning: unit, class, sector and card number of a row
// stay, which package catalogue sees to.
//
// One fact, lists.edited, names a row and the fields that were set, each with the edits that it replaces. The catalogue
// that shows is the shipped one with the first head of every field applied, in an order that depends on codes alone, so
// that two nodes that know the same edits have the same catalogue and name the same version. An edit of a row that this
// program does not know yet waits in its table until an upgrade.
//
// Beside the lists stand recordings of the consent texts, which an organisation speaks itself: for those who do not read,
// and in languages that nobody translated. lists_audio is a plain table, about nobody, and never travels.
package lists
