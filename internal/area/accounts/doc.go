// Package accounts keeps who may sign in: staff and volunteers, their roles, their devices and their sessions.
//
// An account belongs to one organisation and holds grants: a role, in an organisation, at one point or at all of them,
// until a day. Package access decides what a grant allows; here is decided who holds one. An organisation of kind
// "authority" can hold no account, at creation, at a grant and at every session that is opened.
//
// The words:
//
//   - login: how an account is named at the door, lower case, unique on the node.
//   - handle: eight random bytes that name the account in facts and in the access log, and say nothing elsewhere.
//   - invitation: ten characters, shown once and read out by a lead. Whoever types them within seven days sets the
//     password or PIN of one account, whose roles and points were decided beforehand. There is no e-mail in it.
//   - device: a tablet that a lead enrolled for a point. A volunteer signs in on it with a PIN; the PIN's hash contains
//     the device's secret, so neither a stolen table nor a PIN seen over the shoulder is enough. After five wrong tries
//     the PIN is locked until a lead unlocks it.
//   - session: 32 random bytes, kept as their hash. Twelve hours idle and seven days in all; four hours and one day for
//     accounts with a role that asks for a second factor. A revoked session or role ends at once.
//   - device key: the key with which a worker's device signs what was done without a network. It counts for 30 days after
//     it was registered last, with the rights that its account has when the work arrives.
//   - four eyes: the roles of protection officer, data protection officer and administrator count only when a second
//     administrator has agreed. The console, where the node's keys are, makes the first two administrators.
//
// Leads upwards sign in with a password and a second factor (TOTP, RFC 6238), and so does a volunteer without a device.
// With the password alone nobody may do anything but set the second factor up. A node may be told otherwise, for a demonstration (see Policy); doctor says so.
//
// Signing in does not tell whether a login exists: the same answer, after the same Argon2id, with the same limits.
//
// Everything here is in plain tables: credentials never travel to another node, are never rebuilt and never facts.
package accounts
