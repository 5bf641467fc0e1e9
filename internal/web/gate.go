package web

import (
	"fmt"

	"serai/internal/access"
)

// The classes of gates, as Routes lists them.
const (
	classPublic     = "public"
	classSignedIn   = "signed_in"
	classPermission = "permission"
)

// Gate says who may call a route.
type Gate struct {
	class      string
	permission access.Permission
}

// May opens a route to those who hold p anywhere at all; which records they reach is decided behind it.
// It panics when nobody knows p: a misspelt permission must not survive the start.
func May(p access.Permission) Gate {
	if !access.Known(p) {
		panic(fmt.Sprintf("web: no role knows the permission %q", p))
	}
	return Gate{classPermission, p}
}

// SignedIn opens a route to everybody with a session, for what concerns only themselves.
func SignedIn() Gate { return Gate{class: classSignedIn} }

// Public opens a route to everybody. A session, when there is one, is passed on all the same.
func Public() Gate { return Gate{class: classPublic} }
