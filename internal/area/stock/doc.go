// Package stock keeps the account of things at a service point: what came, what went, what was counted, how long the
// rest lasts, and what a point wishes to have in place before it is needed.
//
// Words:
//
//   - An item is a thing that is counted in whole units: a bottle of water, a piece of soap. The shipped items have
//     fixed codes; an administrator adds local ones. A kit is a named set of items: it is packed and unpacked on paper
//     only, and every record stands in items.
//   - A movement is what somebody wrote down: received (from the national store, a purchase, a donation, another
//     point), lost (broken, expired, stolen, other), sent to another point, or counted. What was sent is received there
//     by a record of its own, which may name the sending; until then it is shown as on its way.
//   - Given is never written down here. A recipe says which items a service takes; contacts, arrivals and tallies say
//     how often the service was given, and a correction or an undone contact changes the account by itself.
//   - A count sets the level. What it found beside what the account expected is a line of its own, never hidden.
//   - The level of an item is its last count, with the movements since, less what was given since. Before the first
//     count or receipt nothing is known of an item, and nothing is said: water from the tap takes no bottles.
//   - A mark is the level at which an item of a point is low. The pace is what was given in the last fourteen days.
//   - A wish asks the national office to put items in place by a day. It is open, answered or closed.
//
// Facts: moved, counted, withdrawn, marked, item_set, recipe_set, wished, wish_changed. Nobody personal stands in any of
// them, so nothing is sealed. Items are open to the whole network; all else stays in the feed of the organisation.
//
// Invariants: a record of stock never stops help: a level below zero is shown as "count again". A movement is never
// changed; it is withdrawn by a fact that names it. A recipe holds from a day on, so that a new one does not rewrite
// what was given before. Levels are reckoned when they are read, so that what comes late counts where it belongs.
package stock
