// Package network holds where help is given: organisations, routes, service points with their services and hours, and
// what a point reports of its days.
//
// Words:
//
//   - An organisation runs service points: a National Society, a partner, a programme. One of kind "authority" can be
//     named in agreements and can never hold an account; its kind is therefore fixed.
//   - A service point (short: point) is fixed, mobile with an itinerary, or at sea. It has services, each with hours of
//     its own where they differ, women's hours, exceptional days, busy days, languages, beds, a time zone.
//   - The place of a point is its first-level division with OCHA's P-code, derived from the coordinates by package geo,
//     with the version of the data; it is blank at sea and where nothing is certain.
//   - Visibility is what the public may learn: hidden (the default), coarse (the region), full. A ship's position is
//     known to its own organisation alone, and therefore travels in that organisation's feed.
//   - The life of a point runs planned, open, suspended, and ends closed or handed over. See Life.
//   - The number of a point is what an assistance card carries of it (24 bits). See Number.
//   - A route is an ordered list of stops, usable both ways. A stop is a point, or a named place where nobody of the
//     network works.
//   - The daily log is what a point reports of one operating day: opened, closed and why, who worked, who was turned away.
//   - A funded interval says which project pays which share of a service at a point, from day to day. Money is
//     attributed to services in time, never to persons.
//
// Facts: network.organisation_set, point_set, route_set, project_set and interval_set each name a record and the fields
// that were set, every field with the edits that it replaces; network.state_changed, position_planned, day_excepted and
// day_logged are what their names say. Nobody personal stands in any of them, so nothing is sealed. Organisations,
// points and routes are open to the whole network; daily logs, funding and ships' positions stay in the feed of their
// organisation.
//
// Invariants: records are edited field by field and two edits that did not know of each other are both kept and listed
// (journal.Heads). A code, an organisation's being an authority, a point's organisation and its being at sea never
// change. Shares of one service at one point never exceed 100 % on any day, except when two nodes decided apart, which
// is shown. Rows imported from files get their ids from their codes, so two nodes that import one file agree.
package network
