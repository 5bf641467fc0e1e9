// Package cards gives out assistance cards, reads them, writes on them, and accounts for blank ones. The form of a card
// is package card's; here are the commands, who is recognised by a card, and what a node knows of the network's cards.
//
// Words:
//
//   - A print is one paper with a QR code: a card, a slip, a blank card. Its text is kept in memory for an hour, so that
//     it can be printed, and stands in no table, no fact and no log.
//   - A lineage is what all prints of one card have in common. It is known here as its lineage key, an HMAC under a secret
//     of this organisation, so that tables of two organisations do not join.
//   - The holder of a card is a person id. Where a print was given to somebody with a file it is the file's; otherwise it
//     is derived from the lineage (see Holder), and stands in no table before something is recorded about her. A file
//     that is opened for a card holder takes the holder's id, so that what was recorded before belongs to it.
//   - A mark names a print in lists: an HMAC of its id under the network's key. Marks say that a print was replaced by a
//     newer one (superseded) or was lost or taken (revoked). A hit means "ask", never "refuse".
//   - The network file says who may sign, whose points and services these are. It comes with the roots that may sign it,
//     pinned by hand, and with a bundle of the seal keys for this node (see Service.ImportNetwork and ImportBundle).
//   - A device that a lead allowed it writes cards without this node, with a signing key of its own out of a few that the
//     root has listed (see Service.Allow); what it made is recorded when it arrives (Service.Made). Every device of a
//     session that may read cards is handed a share to read them with (Service.Share).
//
// Facts: issued, updated and stock_given have an open part that says that a card was given out at a point on a day, and a
// sealed part about the holder with lineage key, sequence and mark. superseded and revoked carry marks alone and travel to
// every member. stock_printed lists the serials of blank cards; lost and taken name a card.
//
// Invariants. Service never depends on a card: whatever is wrong with one becomes a warning. A service of class S cannot
// get on a card, whatever the network file says. Every look is in the access log before its answer leaves. What is read
// from a card becomes no fact: the highest sequence seen is all that a reading leaves behind. Somebody who was erased is
// served as a stranger, card in hand.
package cards
