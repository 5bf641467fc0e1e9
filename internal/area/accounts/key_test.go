package accounts_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"serai/internal/access"
	"serai/internal/area/accounts"
	"serai/internal/store"
)

// point is a fresh public key as a device sends it.
func point(t testing.TB) string {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes())
}

func (h *house) key(token, public string) accounts.DeviceKey {
	h.t.Helper()
	k, err := h.RegisterKey(ctx, token, public)
	h.must(err)
	return k
}

// public is the public key that the node knows under an id.
func (h *house) public(id accounts.KeyID) string {
	return base64.RawURLEncoding.EncodeToString(h.signer(id).Public)
}

func (h *house) signer(id accounts.KeyID) accounts.Signer {
	h.t.Helper()
	s, known, err := h.SignerOf(ctx, id)
	h.must(err)
	if !known {
		h.t.Fatal("nobody knows the key")
	}
	return s
}

func TestADeviceKeyActsAsASessionOfItsKindWould(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		one, _, lead, _ := staffed(t, h)
		id := h.open("musa", grant(access.Volunteer, agadez))
		public := point(t)
		k := h.key(h.token("musa"), public)
		if s := h.signer(k.ID); !s.Counts || s.Actor.Account != id || !s.Actor.Can("assist.record", h.clock.Now()) {
			t.Fatalf("%+v", s)
		}
		if again := h.key(h.token("musa"), public); again.ID != k.ID || !again.Created.Equal(k.Created) {
			t.Errorf("the same key again: %+v", again)
		}

		h.must(h.Change(ctx, one, id, accounts.Change{Grants: &[]access.Grant{}}))
		if s := h.signer(k.ID); !s.Counts || s.Actor.Can("assist.record", h.clock.Now()) {
			t.Error("a role that was taken still counts")
		}
		h.must(h.EndSessions(ctx, one, id))
		if s := h.signer(k.ID); !s.Counts {
			t.Error("ending the sessions ended the key, and work that waits is lost")
		}
		closed, active := accounts.Closed, accounts.Active
		h.must(h.Change(ctx, one, id, accounts.Change{State: &closed}))
		if s := h.signer(k.ID); s.Counts || s.Ended {
			t.Error("the key of a closed account counts")
		}
		h.must(h.Change(ctx, one, id, accounts.Change{State: &active}))
		if s := h.signer(k.ID); !s.Counts {
			t.Error("the account is open again, and its key does not count")
		}

		// The node asks for a second factor again: what was registered with the password alone may nothing more.
		h.must(h.SetPolicy(ctx, accounts.Policy{TwoEyes: true}))
		leads := h.key(h.token("lead"), point(t))
		if s := h.signer(leads.ID); s.Actor.Full || s.Actor.Account != lead.Account {
			t.Errorf("a password alone signs like two factors: %+v", s.Actor)
		}
	})
}

func TestADeviceKeyEnds(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		one, _, _, other := staffed(t, h)
		id := h.open("musa", grant(access.Volunteer, agadez))
		token := h.token("musa")
		mine, _ := h.Actor(ctx, token)

		public := point(t)
		k := h.key(token, public)
		h.must(h.EndKey(ctx, other, k.ID))
		if s := h.signer(k.ID); !s.Counts {
			t.Fatal("somebody else ended it")
		}
		h.must(h.EndKey(ctx, mine, k.ID))
		if s := h.signer(k.ID); s.Counts || !s.Ended {
			t.Fatal("it goes on after its owner ended it")
		}
		_, err := h.RegisterKey(ctx, token, public)
		h.refused(err, "accounts.key_ended")

		k = h.key(token, point(t))
		h.refused(h.EndKeys(ctx, other, id), "accounts.not_found")
		h.must(h.EndKeys(ctx, one, id))
		if s := h.signer(k.ID); !s.Ended {
			t.Error("it goes on after an administrator ended it")
		}

		public = point(t)
		k = h.key(token, public)
		h.clock.Add(29 * 24 * time.Hour)
		renewed := h.key(h.token("musa"), public)
		if !renewed.Until.After(k.Until) {
			t.Error("not renewed")
		}
		h.clock.Add(30 * 24 * time.Hour)
		if s := h.signer(k.ID); !s.Ended {
			t.Error("it goes on after its time")
		}
		h.key(h.token("musa"), public)
		if s := h.signer(k.ID); !s.Counts {
			t.Error("signing in again does not bring it back")
		}
		h.clock.Add(100 * 24 * time.Hour)
		_, err = h.RegisterKey(ctx, h.token("musa"), public)
		h.refused(err, "accounts.key_ended")
	})
}

func TestTheKeysOfADeviceGoWithIt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, _, lead, _ := staffed(t, h)
		_, code, err := h.AddDevice(ctx, lead, accounts.Device{Name: "Tablet", Org: society, Point: agadez})
		h.must(err)
		d, secret, err := h.EnrolDevice(ctx, code)
		h.must(err)
		_, inv, err := h.Open(ctx, lead, accounts.Opening{Login: "musa", Name: "Musa", Org: society,
			Grants: []access.Grant{grant(access.Volunteer, agadez), grant(access.Volunteer, arlit), grant(access.PointLead, agadez)}[:1]})
		h.must(err)
		_, err = h.Accept(ctx, accounts.Acceptance{Code: inv.Code, PIN: "4711", Device: d.ID, Secret: secret})
		h.must(err)
		token, err := h.SignIn(ctx, accounts.Credentials{Login: "musa", PIN: "4711", Device: d.ID, Secret: secret})
		h.must(err)
		if how, err := h.SessionMethod(ctx, token); err != nil || how != "pin" {
			t.Errorf("opened by %q, %v", how, err)
		}
		k := h.key(token, point(t))
		s := h.signer(k.ID)
		if !s.Counts || !s.Actor.Full || s.Actor.Device != d.ID {
			t.Fatalf("%+v", s)
		}
		// She forgot the PIN, and signs in on the tablet with a password: the key goes on, with what a password may, and
		// still goes with the tablet.
		_, err = h.Invite(ctx, lead, s.Actor.Account)
		h.must(err)
		h.must(h.SetPassword(ctx, "musa", password))
		if s := h.signer(k.ID); !s.Counts {
			t.Error("a new password ended the key")
		}
		public := h.public(k.ID)
		h.key(h.token("musa"), public)
		if s := h.signer(k.ID); s.Actor.Device != d.ID {
			t.Errorf("the key has left its tablet: %+v", s.Actor)
		}
		h.must(h.RemoveDevice(ctx, lead, d.ID))
		if s := h.signer(k.ID); !s.Ended || s.Counts {
			t.Error("the device is gone and its key counts")
		}
	})
}

func TestDeviceKeysOverHTTP(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, _, lead, _ := staffed(t, h)
		id := h.open("musa", grant(access.Volunteer, agadez))
		d := newDoor(h)
		musa, leads := h.token("musa"), h.token("lead")
		public := point(t)
		body := `{"public":"` + public + `"}`

		d.want("POST", "/api/me/device-key", "", body, 401, "web.signed_out")
		for _, bad := range []string{"", "AAAA", public[1:], public + "A", "B" + public[:86], "é"} {
			d.want("POST", "/api/me/device-key", musa, `{"public":"`+bad+`"}`, 422, "accounts.bad_public_key")
		}
		var k accounts.DeviceKey
		if err := json.Unmarshal([]byte(d.want("POST", "/api/me/device-key", musa, body, 200, "")), &k); err != nil {
			t.Fatal(err)
		}
		d.want("POST", "/api/me/device-key", leads, body, 409, "accounts.key_ended") // hers, and nobody is told

		d.want("GET", "/api/me/device-keys", "", "", 401, "web.signed_out")
		var list accounts.DeviceKeyList
		if err := json.Unmarshal([]byte(d.want("GET", "/api/me/device-keys", musa, "", 200, "")), &list); err != nil || len(list.Keys) != 1 || list.Keys[0].ID != k.ID {
			t.Fatalf("%v %+v", err, list)
		}
		d.want("DELETE", "/api/me/device-keys/"+k.ID.String(), "", "", 401, "web.signed_out")
		d.want("DELETE", "/api/me/device-keys/short", musa, "", 422, "accounts.bad_key_id")
		d.want("DELETE", "/api/me/device-keys/"+k.ID.String(), leads, "", 204, "")
		if s := h.signer(k.ID); !s.Counts {
			t.Error("somebody else ended it")
		}
		d.want("DELETE", "/api/accounts/"+id.String()+"/device-keys", musa, "", 403, "web.not_allowed")
		d.want("DELETE", "/api/accounts/"+id.String()+"/device-keys", leads, "", 204, "")
		if s := h.signer(k.ID); !s.Ended {
			t.Error("a lead could not end it")
		}
		d.want("DELETE", "/api/accounts/"+lead.Account.String()+"/device-keys", musa, "", 403, "web.not_allowed")
	})
}

func TestKeysAreFewAndGoInTheEnd(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		staffed(t, h)
		h.open("musa", grant(access.Volunteer, agadez))
		token := h.token("musa")
		for range 50 {
			h.key(token, point(t))
		}
		_, err := h.RegisterKey(ctx, token, point(t))
		h.refused(err, "accounts.too_many_keys")
		h.clock.Add(400 * 24 * time.Hour)
		h.key(h.token("musa"), point(t))
		h.must(h.db.Read(ctx, func(tx *store.Tx) error {
			var n int
			_, err := tx.One(`SELECT count(*) FROM accounts_device_key`, nil, &n)
			if n != 1 {
				t.Errorf("%d keys are kept", n)
			}
			return err
		}))
	})
}
