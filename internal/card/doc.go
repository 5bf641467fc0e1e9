// Package card turns the support a person received into the text of a QR card and back: bytes in, entries out.
// It is pure. It reads no clock, no database and no network; time and randomness are handed in, so that a desk,
// a phone and a server give the same answer.
//
// The card needs no person's file. It carries no name and no sensitive service, an ordinary phone reads nothing
// from it, and a member of the network sees what was already given without asking anybody. It is a courtesy
// record, not fraud control: paper can be copied, lost, shared, sold. Therefore nothing in here ever answers
// "refuse the person": a doubt is a [Warning], and the worst case is "not an assistance card".
//
// # The words
//
//   - Card text: "AC1:" and the base45 (RFC 9285) of an untagged COSE_Sign1 message (RFC 9052), signed with Ed25519.
//   - Claims: expiry (always the start of a quarter), cti (16 random bytes, new at every print) and one private
//     claim [format, sequence, seal id, sealed bytes]. They are the only part a stranger can read.
//   - Seal: AES-GCM under a key of a [Circle], an agreed group of organisations, and a [Quarter]. Inside stand the
//     issuer, the day of issue, the lineage and the entries; outside nothing tells the country that was left.
//   - [Entry]: one service, how much of it, on which day, at which point: seven bytes. Cards hold 5, 10 or 20, padded,
//     so that the length tells nothing; the oldest are dropped first.
//   - [Lineage]: eight random bytes that stay the same through every re-issue. An organisation stores only
//     [RecogniseKey] of it, so that two organisations' tables do not join.
//   - Sequence: counts the prints of a lineage. It stands outside the seal, where the claim has it, and is bound
//     to the sealed bytes.
//   - Slip: a card with one entry, printed where the whole card cannot be; merged at the next print.
//   - Vouching: B re-signs what A recorded. The point of an entry says who recorded it (the network file gives
//     every organisation blocks of point numbers), the signature says who vouches for having read it.
//   - [Network]: the signed file all members share: who may sign, point blocks, which services are safe on a card,
//     circles and the ids of their seal keys. Signed by one of at most two pinned roots ([Root]); its serial
//     never goes back.
//   - [KeyBundle]: the seal keys themselves and the network key, signed by the root and encrypted (HPKE) to one node.
//   - [Share]: what a desk's device keeps so that it reads cards, and where it was allowed to writes them, without its node.
//   - [Marks]: cards known to be superseded or revoked, as HMACs of their cti. A hit means "ask", never "refuse".
//
// # The verbs
//
// A [Press] prints: Issue, Update, Slip. A [Reader] reads. Refusals and warnings carry stable codes, listed in codes.go.
//
// # What the form cannot do
//
// Whoever takes a device with an open key store can read the cards of that circle and its key period. A copy of a
// card is as good as the card. The expiry tells, to a quarter, how old a card may be; the sequence tells how often it
// was printed.
package card
