package web

import (
	"encoding/json"
	"testing"
	"time"

	"serai/internal/fact"
)

type tree struct {
	Name  string            `json:"name"`
	Tags  []string          `json:"tags"`
	More  []string          `json:"more,omitempty"`
	Bytes []byte            `json:"bytes"`
	Raw   json.RawMessage   `json:"raw"`
	Under []tree            `json:"under"`
	Next  *tree             `json:"next,omitempty"`
	Map   map[string][]int  `json:"map,omitempty"`
	Any   any               `json:"any,omitempty"`
	ID    fact.PersonID     `json:"id,omitzero"`
	At    time.Time         `json:"at,omitzero"`
	Text  map[string]string `json:"text,omitempty"`
	own   []string
}

func TestAListIsNeverNull(t *testing.T) {
	kept := tree{Name: "kept", own: []string{"x"}, Raw: json.RawMessage("1"), Next: &tree{Raw: json.RawMessage("2")},
		Under: []tree{{Raw: json.RawMessage("3"), Tags: []string{"t"}, Under: []tree{}}, {Raw: json.RawMessage("4")}},
		Map:   map[string][]int{"a": nil, "b": {1}}, Any: []string(nil)}
	tests := []struct {
		name string
		out  any
		want string
	}{
		{"a list", []tree(nil), `[]`},
		{"lists in lists", [][]int{nil, {1}}, `[[],[1]]`},
		{"a deep answer", kept, `{"name":"kept","tags":[],"bytes":null,"raw":1,"under":[{"name":"","tags":["t"],"bytes":null,"raw":3,"under":[]},` +
			`{"name":"","tags":[],"bytes":null,"raw":4,"under":[]}],"next":{"name":"","tags":[],"bytes":null,"raw":2,"under":[]},"map":{"a":[],"b":[1]},"any":[]}`},
		{"a pointer", &kept.Under[0], `{"name":"","tags":["t"],"bytes":null,"raw":3,"under":[]}`},
		{"nothing", nil, `null`},
		{"no pointer", (*tree)(nil), `null`},
		{"a text", "x", `"x"`},
	}
	for _, test := range tests {
		got, err := json.Marshal(lists(test.out))
		if err != nil || string(got) != test.want {
			t.Errorf("%s: %s %v\nwant %s", test.name, got, err, test.want)
		}
	}
	if kept.Tags != nil || kept.Under[1].Tags != nil || kept.Next.Tags != nil || kept.Map["a"] != nil || kept.own == nil {
		t.Error("what the handler keeps was changed")
	}
}
