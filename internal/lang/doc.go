// Package lang holds what a node says by itself, in English, French, Arabic and Spanish: the public pages, the unlock
// page and the sentences for error codes. The desk app has its own texts.
//
// A message is a sentence under a key ("unlock.title"), with placeholders in braces ("{n} points"). A message that
// counts is an object with one sentence per plural form, as the Unicode CLDR names the forms: one and other in English,
// many as well in French and Spanish, six in Arabic. A key that a language lacks falls back to English, and a test sees
// that none does. Digits are 0-9 in every language: they are what cards, papers and telephones of the routes carry.
package lang
