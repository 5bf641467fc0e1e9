// Package geo says where on the routes a point lies: country, first-level division with its P-code, time zone, the next
// named place, and how far it is from another. It is pure and works without a network; its data are compiled in and
// unpacked when first asked for.
//
// Words: a P-code is the code that OCHA gives to a division, by which humanitarian data of different organisations are
// joined; admin-1 is the first division below the country. Coordinates are degrees north and east (WGS 84).
//
// Promises and limits:
//
//   - A derived place carries the Version of the data, since divisions change.
//   - Nothing is guessed: at sea, outside the 28 countries of the data, and where one outline holds several codes, the
//     code is blank.
//   - The outlines are generalised by one to three kilometres. A point up to two kilometres off a coast counts as ashore,
//     and Place.Beside names the countries so near that a point on the border may belong to them: where a record states
//     its country, ask DeriveIn.
//   - Divisions are those of the outlines: in the suburbs of Algiers and along rivers that are borders, a town may fall
//     to the neighbouring division. Of 329 towns, one for each code, 315 agree, 6 do not, 8 stay blank.
//   - Outlines and names imply no endorsement of boundaries.
package geo
