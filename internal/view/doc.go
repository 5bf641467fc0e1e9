// Package view reads across areas: counts, what somebody already had, who is signed in, and the pages that anybody may
// read. It writes nothing and decides nothing about people; what an actor may not see is absent in every query here.
//
// Words.
//
//   - Services are deliveries: each person of a contact, times each line of it. Quantity is in the unit of the catalogue
//     and only means something within one service.
//   - A contact is one person, one point, one operating day. Whoever was recorded twice at a point on a day is one
//     contact; people who came with an arrival and were met one by one later are part of its heads.
//   - Persons are three numbers, see Persons: distinct people known by file or card, the best estimate, and everybody
//     without a card counted as somebody new.
//   - Unmet are requests: who asked for something and did not get it, each once per contact and thing.
//
// Counts here are raw. They are for staff who may see them and are never published: a number of one is a person. What
// public pages show has types of its own, which hold no count and nothing of package assist; a test looks into them.
package view
