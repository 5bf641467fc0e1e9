package outbox

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"slices"

	"serai/internal/access"
	"serai/internal/audit"
	"serai/internal/fault"
	"serai/internal/web"
)

type restoreIn struct {
	Body struct {
		Wrapped struct {
			Enc    string `json:"enc" maxLength:"200"`
			Sealed string `json:"sealed" maxLength:"2000"`
		} `json:"wrapped" doc:"{account, vault}, sealed to the intake key for the account"`
	}
}

// Restored is the key of a vault.
type Restored struct {
	Vault string `json:"vault" doc:"As the device wrapped it"`
}

// restorers are the ways of signing in that prove that the worker herself is there. Listed, not excluded: a way that is
// added later has to be thought about.
var restorers = []string{"password", "totp", "pin"}

// postRestore opens the key of a device's vault for the worker whose it is. In checkpoint mode a device drops every key
// that opens anything on it, and keeps this wrapping, which nobody but the node opens.
func (s *Service) postRestore(ctx context.Context, who access.Actor, in *restoreIn) (Restored, error) {
	how, err := s.Signers.Method(ctx, web.Token(ctx))
	if err != nil {
		return Restored{}, err
	}
	if !slices.Contains(restorers, how) || !who.Full {
		return Restored{}, fault.Forbidden("outbox.not_restored", "sign in with everything that your role asks for, then the device opens again")
	}
	// Bound to the account: what was wrapped for somebody else does not open, and is answered like what is no wrapping.
	account := who.Account.String()
	plain, err := unseal(s.key, vaultInfo, []byte(account), in.Body.Wrapped.Enc, in.Body.Wrapped.Sealed)
	var kept struct{ Account, Vault string }
	if err == nil {
		err = json.Unmarshal(plain, &kept)
	}
	if err != nil || kept.Vault == "" || subtle.ConstantTimeCompare([]byte(kept.Account), []byte(account)) != 1 {
		return Restored{}, fault.Forbidden("outbox.not_restored", "this was not wrapped for this account at this node; sign in as whoever worked on the device")
	}
	// Durable before the key leaves: what is on the device can be read from now on.
	if err := s.Log.Look(ctx, audit.Entry{At: s.Now(), Actor: who.Handle, Device: who.Device, Action: "device.restore", Outcome: audit.Seen}); err != nil {
		return Restored{}, err
	}
	return Restored{kept.Vault}, nil
}
