package card

import "serai/internal/fault"

// The alphabet of RFC 9285: exactly the characters of a QR code's alphanumeric mode.
const base45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

var base45Value = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	for i := range len(base45) {
		t[base45[i]] = byte(i)
	}
	return t
}()

// appendBase45 appends the base45 form of data: three characters for two bytes, two for a last single one.
func appendBase45(dst, data []byte) []byte {
	for ; len(data) >= 2; data = data[2:] {
		n := int(data[0])<<8 | int(data[1])
		dst = append(dst, base45[n%45], base45[n/45%45], base45[n/2025])
	}
	if len(data) == 1 {
		n := int(data[0])
		dst = append(dst, base45[n%45], base45[n/45])
	}
	return dst
}

// decodeBase45 is strict: a length, a character or a group that no encoder produces is refused, so that there is
// one text for one message.
func decodeBase45(text string) ([]byte, error) {
	if len(text)%3 == 1 {
		return nil, fault.Invalid(CodeMalformed, "base45 text ends inside a group of characters; scan the whole code again")
	}
	out := make([]byte, 0, len(text)/3*2+1)
	for i := 0; i < len(text); i += 3 {
		group := text[i:min(i+3, len(text))]
		n, weight := 0, 1
		for j := range len(group) {
			v := base45Value[group[j]]
			if v == 0xff {
				return nil, fault.Invalidf(CodeMalformed, "character %d is not part of base45; scan the code again", i+j)
			}
			n += int(v) * weight
			weight *= 45
		}
		switch {
		case len(group) == 3 && n <= 0xffff:
			out = append(out, byte(n>>8), byte(n))
		case len(group) == 2 && n <= 0xff:
			out = append(out, byte(n))
		default:
			return nil, fault.Invalidf(CodeMalformed, "characters from %d on stand for no bytes; scan the code again", i)
		}
	}
	return out, nil
}
