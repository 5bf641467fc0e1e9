// Package catalogue holds what a service point can give and the words it may record: the service catalogue and the
// lists of needs, groups, stages, ages, stock and consent texts. It is data with a few rules, and pure: no database, no
// clock.
//
// Words:
//
//   - A service is one row of the catalogue ("food.meal"): what is given, in which unit, by whom it may be seen.
//   - A family is the part of a code before the dot. Network files name families: "food" stands for food.meal,
//     food.ration and food.infant.
//   - The class says who may see a row about a person: O the staff of the point, H the staff of that service, S a sealed
//     and named team only; everyone else can only tally S.
//   - The card number is how a service is written on an assistance card. A service without one cannot be written there
//     at all; that is how a sensitive service stays off the card.
//   - An atom is one of the smallest age classes; every reporting scheme (IFRC, Sphere, UNHCR, IOM, ECHO) is a view over
//     sums of atoms. What crosses the bands of a scheme goes to child, adult or "not disaggregated": it is never split
//     by proportion.
//
// Invariants: codes never change meaning, and an administrator may change labels, hide a row, change how soon a repeat
// raises a question, and add local services, but never the unit, class, sector or card number of a row: figures of ten
// years hang on them. See Catalogue.With.
package catalogue
