// Package link answers how alike two names are, whichever desk wrote them down and in whichever script.
//
// A name is an unordered bag of parts: Arabic, Amharic and Tigrinya chains have no surname, and desks swap and drop
// parts. Each part is brought to three forms, from exact to forgiving:
//
//   - Norm, how it is written once script, accents, hooked letters and articles are out of the way;
//   - Sound, how it is said: French ou, ch and dj, Hausa c, Spanish silent h and b/v come together;
//   - Key, its consonants alone: what two ears of two languages still share.
//
// Arabic is written without short vowels, so an Arabic part meets a Latin one in its Key.
//
// Besides, a table joins what no rule of sound joins: Mohamed, Muhammadu and Mamadou; Khadija and Hadiza. The rules and
// tables are general knowledge of the languages and were written without looking at any test set.
//
// Index finds, among many names in memory, the few that a spoken name may mean. It holds no name as it was written.
// Nothing here reads a database or decides that two people are one: people decide.
package link
