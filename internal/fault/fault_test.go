package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"serai/internal/fault"
)

func TestClasses(t *testing.T) {
	joined := fmt.Errorf("record contact: %w", errors.Join(
		fault.Field("sex", "assist.unknown_sex", "choose F, M, X, N or U"),
		fault.Field("age", "assist.age_impossible", "an age is 0 to 130 years"),
	))
	for name, c := range map[string]struct {
		err   error
		class fault.Class
		code  string
		n     int
	}{
		"a plain error is internal and gives nothing away":  {io.EOF, fault.Internal, "internal", 0},
		"a wrapped fault keeps its class":                   {fmt.Errorf("x: %w", fault.Forbidden("a.b", "")), fault.ClassForbidden, "a.b", 1},
		"joined fields are all reported, the first decides": {joined, fault.ClassInvalid, "assist.unknown_sex", 2},
		"not found is its own class":                        {fault.NotFound("a.none", ""), fault.ClassNotFound, "a.none", 1},
		"conflict is its own class":                         {fault.Conflict("a.taken", ""), fault.ClassConflict, "a.taken", 1},
	} {
		t.Run(name, func(t *testing.T) {
			if got := fault.Of(c.err); got != c.class {
				t.Errorf("class = %v, want %v", got, c.class)
			}
			if got := fault.Code(c.err); got != c.code {
				t.Errorf("code = %q, want %q", got, c.code)
			}
			if got := len(fault.All(c.err)); got != c.n {
				t.Errorf("All found %d faults, want %d", got, c.n)
			}
		})
	}
	if !errors.Is(joined, fault.Field("elsewhere", "assist.age_impossible", "")) {
		t.Error("errors.Is must find a fault by class and code")
	}
}
