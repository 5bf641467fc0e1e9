package web

import "unicode/utf8"

const badText = "web.bad_text"

// textFault tells why a text cannot be accepted, empty when it can. Refused are letters that hide what is written or
// that break what comes after it: control characters but line break and tab, and the direction overrides, embeddings
// and isolates (U+202A-U+202E, U+2066-U+2069), by which a name can be made to read as another. They are refused and
// not stripped: what somebody typed is never changed behind her back. The plain direction marks that Arabic and Hebrew
// typing produces (U+200E, U+200F, U+061C) and the joiners stay.
func textFault(s string) string {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c < 0x20 && c != '\n' && c != '\t' || c == 0x7f {
				return "this text holds a control character; type it again without"
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			return "this text is not UTF-8"
		case r >= 0x80 && r <= 0x9f:
			return "this text holds a control character; type it again without"
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return "this text holds an invisible direction override; type it again without"
		}
		i += n
	}
	return ""
}
