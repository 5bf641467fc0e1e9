package accounts

import (
	"context"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/web"
)

// Routes registers the routes of this area.
func (s *Service) Routes(m *web.Mux) {
	web.Post(m, "/api/session", web.Public(), s.signIn, web.Summary("Sign in"))
	web.Delete(m, "/api/session", web.SignedIn(), s.signOut, web.Status(204), web.Summary("Sign out"))
	web.Get(m, "/api/me", web.SignedIn(), s.me, web.Summary("Who is signed in"))
	web.Patch(m, "/api/me", web.SignedIn(), s.changeMe, web.Summary("Change the own language"))
	web.Post(m, "/api/me/password", web.SignedIn(), s.changePassword, web.Summary("Change the own password"))
	web.Post(m, "/api/me/totp", web.SignedIn(), s.setUpTOTP, web.Summary("Set a second factor up"))
	web.Post(m, "/api/me/totp/confirm", web.SignedIn(), s.confirmTOTP, web.Summary("Make the second factor count"))
	web.Post(m, "/api/me/device-key", web.SignedIn(), s.registerKey, web.Summary("Register the key with which this device signs for the own account, or renew it"))
	web.Get(m, "/api/me/device-keys", web.SignedIn(), s.listKeys, web.Summary("The own device keys"))
	web.Delete(m, "/api/me/device-keys/{key}", web.SignedIn(), s.endKey, web.Summary("End an own device key; what it signed and has not arrived is refused"))

	web.Get(m, "/api/accounts", web.May("accounts.read"), s.listAccounts, web.Summary("List accounts"))
	web.Post(m, "/api/accounts", web.May("accounts.enrol"), s.openAccount, web.Status(201), web.Summary("Open an account by invitation"))
	web.Patch(m, "/api/accounts/{account}", web.May("accounts.enrol"), s.changeAccount, web.Summary("Change an account and its roles"))
	web.Post(m, "/api/accounts/{account}/invitation", web.May("accounts.enrol"), s.inviteAgain, web.Status(201), web.Summary("Give an account a new code"))
	web.Delete(m, "/api/accounts/{account}/sessions", web.May("accounts.enrol"), s.endAll, web.Summary("Sign an account out everywhere"))
	web.Delete(m, "/api/accounts/{account}/device-keys", web.May("accounts.enrol"), s.endKeys, web.Summary("End the device keys of an account; its unsent work is refused from then on"))
	web.Get(m, "/api/accounts/{account}/history", web.May("accounts.manage"), s.history, web.Summary("What happened to an account"))
	web.Post(m, "/api/grants/{grant}/approval", web.May("accounts.manage"), s.approve, web.Summary("Agree to a role that needs four eyes"))
	web.Post(m, "/api/invitations/accept", web.Public(), s.accept, web.Summary("Come in with a code"))

	web.Get(m, "/api/devices", web.May("accounts.enrol"), s.listDevices, web.Summary("List devices"))
	web.Post(m, "/api/devices", web.May("accounts.enrol"), s.addDevice, web.Status(201), web.Summary("Make a code for a new device"))
	web.Post(m, "/api/devices/enrol", web.Public(), s.enrolDevice, web.Summary("Enrol this device with a code"))
	web.Delete(m, "/api/devices/{device}", web.May("accounts.enrol"), s.removeDevice, web.Summary("Remove a device"))
}

type signInRequest struct {
	Body struct {
		Login    string        `json:"login" maxLength:"256"`
		Password string        `json:"password,omitempty" maxLength:"1024"`
		TOTP     string        `json:"totp,omitempty" maxLength:"16" doc:"The code of the second factor, when the account has one"`
		PIN      string        `json:"pin,omitempty" maxLength:"32" doc:"In place of the password, on an enrolled device"`
		Device   fact.DeviceID `json:"device,omitzero"`
		Secret   string        `json:"device_secret,omitempty" maxLength:"64"`
		Token    bool          `json:"token,omitempty" doc:"Answer the session token as well, for programs without cookies"`
	}
}

// SignedIn is the answer of signing in: Me, and the token for who asked for it.
type SignedIn struct {
	Me
	Token string `json:"token,omitempty"`

	cookie string
}

// SessionCookie lets web set the cookie.
func (s SignedIn) SessionCookie() (token string, expires time.Time) {
	return s.cookie, s.Session.Expires
}

func (s *Service) signIn(ctx context.Context, _ access.Actor, in *signInRequest) (out SignedIn, err error) {
	b := in.Body
	token, err := s.SignIn(ctx, Credentials{Login: b.Login, Password: b.Password, TOTP: b.TOTP, PIN: b.PIN, Device: b.Device, Secret: b.Secret})
	if err != nil {
		return out, err
	}
	me, err := s.Me(ctx, token)
	if err != nil {
		return out, err
	}
	// A browser that signs in again leaves no forgotten session behind.
	if old := web.Token(ctx); old != "" {
		if err := s.SignOut(ctx, old); err != nil {
			return out, err
		}
	}
	out = SignedIn{Me: me, cookie: token}
	if b.Token {
		out.Token = token
	}
	return out, nil
}

func (s *Service) signOut(ctx context.Context, _ access.Actor, _ *struct{}) (web.SignedOut, error) {
	return web.SignedOut{}, s.SignOut(ctx, web.Token(ctx))
}

func (s *Service) me(ctx context.Context, _ access.Actor, _ *struct{}) (Me, error) {
	return s.Me(ctx, web.Token(ctx))
}

type changeMeRequest struct {
	Body struct {
		Language string `json:"language" minLength:"2" maxLength:"16"`
	}
}

func (s *Service) changeMe(ctx context.Context, who access.Actor, in *changeMeRequest) (Me, error) {
	if err := s.SetLanguage(ctx, who, in.Body.Language); err != nil {
		return Me{}, err
	}
	return s.Me(ctx, web.Token(ctx))
}

type changePasswordRequest struct {
	Body struct {
		Old string `json:"password" maxLength:"1024" doc:"The present password"`
		New string `json:"new" maxLength:"1024"`
	}
}

func (s *Service) changePassword(ctx context.Context, who access.Actor, in *changePasswordRequest) (web.Empty, error) {
	return web.Empty{}, s.ChangePassword(ctx, who, web.Token(ctx), in.Body.Old, in.Body.New)
}

type setUpTOTPRequest struct {
	Body struct {
		Password string `json:"password" maxLength:"1024"`
		TOTP     string `json:"totp,omitempty" maxLength:"16" doc:"A code of the present second factor, when there is one"`
	}
}

// NewTOTP is a second factor to be typed or scanned into an authenticator app.
type NewTOTP struct {
	Secret string `json:"secret"`
	URL    string `json:"url"`
}

func (s *Service) setUpTOTP(ctx context.Context, who access.Actor, in *setUpTOTPRequest) (NewTOTP, error) {
	secret, url, err := s.SetUpTOTP(ctx, who, in.Body.Password, in.Body.TOTP)
	return NewTOTP{secret, url}, err
}

type confirmTOTPRequest struct {
	Body struct {
		TOTP string `json:"totp" maxLength:"16"`
	}
}

func (s *Service) confirmTOTP(ctx context.Context, who access.Actor, in *confirmTOTPRequest) (Me, error) {
	if err := s.ConfirmTOTP(ctx, who, web.Token(ctx), in.Body.TOTP); err != nil {
		return Me{}, err
	}
	return s.Me(ctx, web.Token(ctx))
}

// AccountList is the answer of listing accounts.
type AccountList struct {
	Accounts []Listed `json:"accounts"`
}

func (s *Service) listAccounts(ctx context.Context, who access.Actor, _ *struct{}) (AccountList, error) {
	all, err := s.List(ctx, who)
	return AccountList{all}, err
}

type openRequest struct {
	Body struct {
		ID       fact.AccountID `json:"id,omitzero" doc:"Made by the client, so that a repeat is recognised; left out: made here"`
		Login    string         `json:"login,omitempty" maxLength:"256" doc:"Left out: whoever accepts the invitation chooses it"`
		Name     string         `json:"name" maxLength:"480"`
		Org      fact.OrgID     `json:"organisation,omitzero" doc:"Left out: the own one"`
		Language string         `json:"language,omitempty" maxLength:"16"`
		Until    time.Time      `json:"until,omitzero"`
		Grants   []access.Grant `json:"grants" maxItems:"50"`
	}
}

// InvitedAccount is the answer of opening an account or resetting it. The code is shown this once.
type InvitedAccount struct {
	Account    fact.AccountID `json:"account"`
	Invitation Invitation     `json:"invitation"`
}

func (s *Service) openAccount(ctx context.Context, who access.Actor, in *openRequest) (InvitedAccount, error) {
	b := in.Body
	if b.Org.IsZero() {
		b.Org = who.Org
	}
	id, inv, err := s.Open(ctx, who, Opening{ID: b.ID, Login: b.Login, Name: b.Name, Org: b.Org, Language: b.Language, Until: b.Until, Grants: b.Grants})
	return InvitedAccount{id, inv}, err
}

type changeRequest struct {
	Account fact.AccountID `path:"account"`
	Body    struct {
		Name   *string         `json:"name,omitempty" maxLength:"480"`
		Until  *time.Time      `json:"until,omitempty"`
		State  *State          `json:"state,omitempty"`
		Grants *[]access.Grant `json:"grants,omitempty" doc:"All roles that the account shall hold; of those that you may not give, none is touched"`
		Unlock bool            `json:"unlock,omitempty" doc:"PINs that were locked after wrong tries work again"`
	}
}

func (s *Service) changeAccount(ctx context.Context, who access.Actor, in *changeRequest) (web.Empty, error) {
	b := in.Body
	return web.Empty{}, s.Change(ctx, who, in.Account, Change{Name: b.Name, Until: b.Until, State: b.State, Grants: b.Grants, Unlock: b.Unlock})
}

type accountRequest struct {
	Account fact.AccountID `path:"account"`
}

func (s *Service) inviteAgain(ctx context.Context, who access.Actor, in *accountRequest) (InvitedAccount, error) {
	inv, err := s.Invite(ctx, who, in.Account)
	return InvitedAccount{in.Account, inv}, err
}

// AccountHistory is the answer of reading the history of an account.
type AccountHistory struct {
	Events []Event `json:"events"`
}

func (s *Service) history(ctx context.Context, who access.Actor, in *accountRequest) (AccountHistory, error) {
	events, err := s.History(ctx, who, in.Account)
	return AccountHistory{events}, err
}

func (s *Service) endAll(ctx context.Context, who access.Actor, in *accountRequest) (web.Empty, error) {
	return web.Empty{}, s.EndSessions(ctx, who, in.Account)
}

type registerKeyRequest struct {
	Body struct {
		Public string `json:"public" maxLength:"100" doc:"The public key: an uncompressed P-256 point, base64url"`
	}
}

func (s *Service) registerKey(ctx context.Context, _ access.Actor, in *registerKeyRequest) (DeviceKey, error) {
	return s.RegisterKey(ctx, web.Token(ctx), in.Body.Public)
}

// DeviceKeyList is the answer of listing device keys.
type DeviceKeyList struct {
	Keys []DeviceKey `json:"keys"`
}

func (s *Service) listKeys(ctx context.Context, who access.Actor, _ *struct{}) (DeviceKeyList, error) {
	all, err := s.Keys(ctx, who)
	return DeviceKeyList{all}, err
}

type keyRequest struct {
	Key KeyID `path:"key"`
}

func (s *Service) endKey(ctx context.Context, who access.Actor, in *keyRequest) (web.Empty, error) {
	return web.Empty{}, s.EndKey(ctx, who, in.Key)
}

func (s *Service) endKeys(ctx context.Context, who access.Actor, in *accountRequest) (web.Empty, error) {
	return web.Empty{}, s.EndKeys(ctx, who, in.Account)
}

type approveRequest struct {
	Grant GrantID `path:"grant"`
}

func (s *Service) approve(ctx context.Context, who access.Actor, in *approveRequest) (web.Empty, error) {
	return web.Empty{}, s.Approve(ctx, who, in.Grant)
}

type acceptRequest struct {
	Body struct {
		Code     string        `json:"code" maxLength:"64"`
		Login    string        `json:"login,omitempty" maxLength:"256"`
		Password string        `json:"password,omitempty" maxLength:"1024"`
		PIN      string        `json:"pin,omitempty" maxLength:"32"`
		Device   fact.DeviceID `json:"device,omitzero" doc:"With a PIN: the enrolled device"`
		Secret   string        `json:"device_secret,omitempty" maxLength:"64"`
	}
}

// Accepted tells somebody who came in by which login to sign in.
type Accepted struct {
	Account MeAccount `json:"account"`
}

func (s *Service) accept(ctx context.Context, _ access.Actor, in *acceptRequest) (Accepted, error) {
	b := in.Body
	a, err := s.Accept(ctx, Acceptance{Code: b.Code, Login: b.Login, Password: b.Password, PIN: b.PIN, Device: b.Device, Secret: b.Secret})
	return Accepted{MeAccount{a.ID, a.Name, a.Login, a.Language}}, err
}

// DeviceList is the answer of listing devices.
type DeviceList struct {
	Devices []Device `json:"devices"`
}

func (s *Service) listDevices(ctx context.Context, who access.Actor, _ *struct{}) (DeviceList, error) {
	all, err := s.Devices(ctx, who)
	return DeviceList{all}, err
}

type addDeviceRequest struct {
	Body struct {
		ID    fact.DeviceID `json:"id,omitzero" doc:"Made by the client, so that a repeat is recognised; left out: made here"`
		Name  string        `json:"name" maxLength:"480"`
		Point fact.PointID  `json:"point"`
		Org   fact.OrgID    `json:"organisation,omitzero" doc:"Left out: the own one"`
	}
}

// AddedDevice is a device to be enrolled. The code is shown this once.
type AddedDevice struct {
	Device  fact.DeviceID `json:"device"`
	Code    string        `json:"code"`
	Expires time.Time     `json:"expires"`
}

func (s *Service) addDevice(ctx context.Context, who access.Actor, in *addDeviceRequest) (AddedDevice, error) {
	b := in.Body
	if b.Org.IsZero() {
		b.Org = who.Org
	}
	d, code, err := s.AddDevice(ctx, who, Device{ID: b.ID, Name: b.Name, Org: b.Org, Point: b.Point})
	return AddedDevice{d.ID, code, d.Expires}, err
}

type enrolRequest struct {
	Body struct {
		Code string `json:"code" maxLength:"64"`
	}
}

// EnrolledDevice is what the device keeps. The secret is shown this once.
type EnrolledDevice struct {
	Device fact.DeviceID `json:"device"`
	Secret string        `json:"secret"`
	Name   string        `json:"name"`
	Org    fact.OrgID    `json:"organisation"`
	Point  fact.PointID  `json:"point"`
}

func (s *Service) enrolDevice(ctx context.Context, _ access.Actor, in *enrolRequest) (EnrolledDevice, error) {
	d, secret, err := s.EnrolDevice(ctx, in.Body.Code)
	if err != nil {
		return EnrolledDevice{}, err
	}
	return EnrolledDevice{d.ID, secret, d.Name, d.Org, d.Point}, nil
}

type deviceRequest struct {
	Device fact.DeviceID `path:"device"`
}

func (s *Service) removeDevice(ctx context.Context, who access.Actor, in *deviceRequest) (web.Empty, error) {
	return web.Empty{}, s.RemoveDevice(ctx, who, in.Device)
}
