// Package outbox takes in what desks did without a network: commands that were sealed to this node and signed by the
// device of whoever made them.
//
// The words:
//
//   - entry: one command as a device keeps and sends it. Its content is sealed to the node's intake key (HPKE), so that
//     neither the next worker at the tablet nor whoever carries a file reads it; its signature (ECDSA) says by whose device
//     key it was made. It needs no session: a lock, a forgotten PIN or a revoked session never strands work.
//   - intake key: a P-256 key of the node, kept in the keyring and in its backup, the same for ever.
//   - signer: the id of a device key, which package accounts keeps. An entry is done as the signer's account with the
//     rights that account has when the entry arrives, through the same handlers as a request (web.Perform).
//   - subject: what an entry is about, as an opaque text of the device. Entries of one subject are done in their order;
//     those of different subjects may be done at the same time, and share one flush of the disk.
//
// An entry that cannot be done is answered for itself, with a code and what to do, and never stalls those beside it. What
// failed for a reason that passes holds back what follows on the same subject. The same entry again is answered the same:
// its key is the Idempotency-Key of its command. Nothing of a body is ever logged.
//
// The formats are in docs/offline.md. There is no table here: what an entry does is facts, and what it was answered stands
// in the journal's memory of requests.
package outbox
