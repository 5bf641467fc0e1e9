package card

// Codes of refusals. A text refused with one of the first five is "not an assistance card" to the person at the desk.
const (
	CodeMalformed     = "card.malformed"      // not the one form a card has
	CodeAlgorithm     = "card.algorithm"      // signed with anything but EdDSA, or the algorithm is not protected
	CodeHeader        = "card.header"         // a header this form does not have, "crit" among them
	CodeFormat        = "card.format_unknown" // a later form of the card: update the program
	CodeTooLong       = "card.too_long"       // over 700 characters
	CodeNetworkBad    = "card.network_malformed"
	CodeNetworkRoot   = "card.network_root_unknown"
	CodeNetworkDemo   = "card.network_demo"
	CodeNetworkBack   = "card.network_rolled_back"
	CodeNetworkChange = "card.network_meaning_changed"
	CodeMarksBad      = "card.marks_malformed"
	CodeMarksBack     = "card.marks_rolled_back"
	CodeBundleBad     = "card.bundle_malformed"
	CodeBundleBack    = "card.bundle_rolled_back"
	CodeKeysBad       = "card.seal_keys_invalid"
	CodeRootBad       = "card.root_invalid"

	CodeServiceSensitive = "card.service_not_for_card" // the rule that keeps sensitive services off every card
	CodeEntryInvalid     = "card.entry_invalid"
	CodeEntryPoint       = "card.point_not_of_issuer"
	CodeSigner           = "card.signer_not_trusted"
	CodeExpiryInvalid    = "card.expiry_invalid"
	CodeNoNetwork        = "card.network_missing"
	CodeNoSealKey        = "card.seal_key_missing"
	CodePrintSlip        = "card.print_slip"
	CodeLineageOther     = "card.lineage_other"
	CodeSequenceSpent    = "card.sequence_spent"
	CodePicture          = "card.picture_failed"
)

// Warning is a stable code. Warnings never stop help; the desk shows them and the person who serves decides.
type Warning string

// Codes of warnings.
const (
	WarnUnverified   Warning = "card.unverified"          // issuer or key not known here, or the signature is wrong
	WarnKeyInvalid   Warning = "card.signing_key_invalid" // key known, but revoked, of another role or outside its validity
	WarnExpired      Warning = "card.expired"
	WarnFuture       Warning = "card.issued_in_future" // more than 48 hours ahead of this clock
	WarnServiceOther Warning = "card.service_unknown"  // shown as "other service"
	WarnSealOlder    Warning = "card.seal_key_older"   // history sealed with an older key
	WarnSealNewer    Warning = "card.seal_key_newer"   // newer key not here yet: no update, print a slip
	WarnSealCircle   Warning = "card.seal_other_circle"
	WarnSuperseded   Warning = "card.superseded"
	WarnRevoked      Warning = "card.revoked"
	WarnNewerSeen    Warning = "card.newer_print_seen" // a later print of the same lineage is known here
	WarnNetworkOld   Warning = "card.network_file_old"
	WarnEntryDay     Warning = "card.entry_after_issue"
	WarnPointUnknown Warning = "card.point_unknown"
	WarnSealBroken   Warning = "card.seal_broken"
)
