package outbox

import (
	"bytes"
	"encoding/json"
	"math"
	"time"
)

const (
	// tolerance is how far two clocks may differ before anything is mended.
	tolerance = 10 * 60 * 1000.0
	// early is how long before its device key was registered a command may have been made.
	early = 24 * 3600 * 1000.0
)

// clocks is what is known of the time at which a command was made, in milliseconds since 1970.
type clocks struct {
	at     float64 // the device's clock when it was made
	offset float64 // what the device added to it for times that people see and that are sent
	sent   float64 // the device's clock when it was sent; 0: nobody knows, as with a file that was carried
	now    float64 // the node's clock when it arrived
	since  float64 // the node's clock when the device key was registered first
}

// mended returns when something happened according to the node's clock, given when it happened according to the device's,
// and whether that differs. The clock of a tablet may be years off, and often nobody notices before the node is heard.
//
// Only a time that the device took from its clock is mended: one that a person typed, from a paper or from memory, says
// what the person meant. And where the clock was set between making and sending, the reckoning leads to a moment that
// cannot be: before there was a key, or in the future. Then what the device said stays.
func (c clocks) mended(happened float64) (float64, bool) {
	taken := c.at + c.offset
	made := c.at + c.now - c.sent
	switch {
	case c.sent == 0, math.Abs(happened-taken) > tolerance, math.Abs(made-taken) <= tolerance:
		return happened, false
	case made > c.now+tolerance, made < c.since-early:
		return happened, false
	}
	return math.Min(happened-taken+made, c.now), true
}

// mend returns body with its top-level happened according to the node's clock, and whether it had to be changed.
func (c clocks) mend(body []byte) ([]byte, bool) {
	text, from, to := happenedIn(body)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return body, false // the route says what is wrong with it
	}
	ms := float64(at.UnixMilli())
	if math.Abs(ms) > far {
		return body, false
	}
	right, changed := c.mended(ms)
	if !changed {
		return body, false
	}
	out := append([]byte(nil), body[:from]...)
	out = append(out, '"')
	out = time.UnixMilli(int64(right)).UTC().AppendFormat(out, "2006-01-02T15:04:05.000Z07:00")
	out = append(out, '"')
	return append(out, body[to:]...), true
}

// happenedIn finds the text of the first top-level happened in a JSON object, and where it stands.
func happenedIn(body []byte) (text string, from, to int64) {
	d := json.NewDecoder(bytes.NewReader(body))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return "", 0, 0
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return "", 0, 0
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return "", 0, 0
		}
		if name == "happened" && json.Unmarshal(value, &text) == nil {
			to = d.InputOffset()
			return text, to - int64(len(value)), to
		}
	}
	return "", 0, 0
}
