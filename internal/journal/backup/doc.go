// Package backup writes the whole of a node into one file and puts it back.
//
// A backup is a stream of frames, compressed with zstd and encrypted with age to the recovery identity, which is on
// paper: a running node can write backups and cannot read them. Inside stand, in this order, the header (whose node,
// when, which migrations, where the erasure ledger stood), the erasure ledger, the keyring, the rows of every plain
// table as they were at one moment, and the trailer: how many rows each table had, the SHA-256 of everything before,
// and the node's signature over it. Projections are not in it; they are filled anew after a restore.
//
// After it is written a backup is read again from the disk, to a second recipient whose identity existed only in the
// memory of that process, and only then gets its name.
//
// A restore reads the file twice: once to see that it is whole, once to apply it, in one transaction and in a folder
// beside the data directory, which is renamed when all is done. It stays locked until an erasure ledger is given that
// is at least as new as the backup, or somebody answers for its absence with a waiver; whoever stands in the ledger is
// erased again. A restored node draws a new incarnation: what it wrote after the backup may already be at its peers.
package backup
