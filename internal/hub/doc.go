// Package hub lets tablets reach a hub that has no internet. Service workers, cryptography in the browser and the camera
// need TLS, and a public authority gives no certificate to a machine that it cannot see.
//
// A hub is the machine at a point that other devices work with. Its authority is two certificates: a root, whose key is
// destroyed as soon as it has signed once, and the one between, whose key lies in the keyring and signs the leaf that the
// hub shows. Both are held, by critical name constraints, to the hub's own names and addresses; whoever steals the key
// can pretend to be this hub and nobody else. A root is made once, and every device of the point is onboarded with it:
// on a plain page that carries the root, its fingerprint, and the steps for each system. The leaf is renewed by itself.
//
// Where there is internet a hub has a public certificate instead, from files or by ACME, and nobody is onboarded.
//
// What serve needs before anybody has opened the keyring stands in files of the data directory: tls.json says which of
// the three it is, tls-leaf.pem holds the leaf with its key, tls-root.pem the root. A node shows its unlock page with them.
//
// Invariants: the key of a root is never written down. What the onboarding page serves holds no secret, depends on no
// header of a request but the language, and sets no cookie. Nothing is issued while the clock is plainly wrong.
package hub
