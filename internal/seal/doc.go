// Package seal holds the node's secrets and closes what only some may read.
//
// Three things live here. The keyring is the node's own secrets in a file beside the database: the key of the database
// file, the signing key of the node, and the epoch keys. It is closed under a master key, and every slot (a passphrase,
// a key file, the recovery sheet) opens that master key, so that a hub reboots after a power cut without the one
// person who knows the passphrase. Person keys close the sealed parts of facts; they rest in the database, wrapped
// under an epoch key that is not in the database. To erase somebody her keys are dropped and everybody else's are
// wrapped anew under a new epoch key, whereupon the old one is destroyed: no copy of the database brings her back.
// Envelopes for other nodes are HPKE.
//
// What stands in the tables of this package never travels and is no fact.
package seal
