package card

import (
	"cmp"
	"encoding/base64"
	"slices"
	"time"
)

// Share is what a desk's device keeps so that it reads cards while its node is out of reach, and writes them where it was
// allowed to. It is JSON, because browsers read it; ui/src/data/card does with it what [Reader] and [Press] do here, and
// the vectors under testdata hold the two together.
//
// It holds seal keys: whoever takes a device whose vault is open reads the cards of those circles and quarters.
type Share struct {
	Network   *ShareNetwork  `json:"network"` // null: no network file is here, every card is unverified
	Issuers   []ShareIssuer  `json:"issuers"`
	Keys      []ShareKey     `json:"keys"`
	Blocks    []ShareBlock   `json:"blocks"` // by first number
	Services  []ShareService `json:"services"`
	Announced []ShareNotice  `json:"announced"` // seal keys that are known of, held or not
	Seals     []ShareSeal    `json:"seals"`
	Marks     ShareMarks     `json:"marks"`
	Points    []SharePoint   `json:"points"`
	Own       *ShareOwn      `json:"own"`    // null while no card can be printed here
	Signer    *ShareSigner   `json:"signer"` // null on a device that may not write cards without its node
}

// ShareNetwork says which network file the share was made of.
type ShareNetwork struct {
	Name   string    `json:"name"`
	Serial uint64    `json:"serial"`
	Issued time.Time `json:"issued"`
	Demo   bool      `json:"demo"`
}

// ShareIssuer is an organisation as readings name it.
type ShareIssuer struct {
	Number uint16 `json:"number"`
	Code   string `json:"code"`
	Name   string `json:"name"`
}

// ShareKey is a line of the trust list.
type ShareKey struct {
	ID     string   `json:"id"` // eight hexadecimal digits
	Issuer uint16   `json:"issuer"`
	Public string   `json:"public"` // base64url, 32 bytes
	From   string   `json:"from"`   // first day of validity
	Until  string   `json:"until"`  // first day after it
	Roles  []string `json:"roles"`  // card, voucher
	Status string   `json:"status"` // active, revoked
}

// ShareBlock gives an issuer a run of point numbers.
type ShareBlock struct {
	Issuer uint16 `json:"issuer"`
	First  uint32 `json:"first"`
	Last   uint32 `json:"last"`
}

// ShareService is a card number. What is not card-safe is neither written nor shown.
type ShareService struct {
	Number   uint16 `json:"number"`
	Code     string `json:"code"`
	Unit     string `json:"unit,omitempty"`
	CardSafe bool   `json:"card_safe"`
}

// ShareNotice tells to which circle and quarter a seal id belongs.
type ShareNotice struct {
	ID      SealID  `json:"id"`
	Circle  uint16  `json:"circle"`
	Quarter Quarter `json:"quarter"`
}

// ShareSeal is a seal key.
type ShareSeal struct {
	ShareNotice
	Key string `json:"key"` // base64url, 32 bytes
}

// ShareMarks are the newest marks, each list as its marks one behind the other in base64url.
type ShareMarks struct {
	Key        string `json:"key"` // base64url of the network key; empty where there is none
	Superseded string `json:"superseded"`
	Revoked    string `json:"revoked"`
	LeftOut    int    `json:"left_out"` // older ones that found no room
}

// SharePoint names a point number.
type SharePoint struct {
	Number uint32 `json:"number"`
	ID     string `json:"id"`
	Code   string `json:"code"`
	Name   string `json:"name"`
}

// ShareOwn says in whose name cards are printed here.
type ShareOwn struct {
	Issuer uint16   `json:"issuer"`
	Circle uint16   `json:"circle"`
	Days   int      `json:"days"`   // how long a card is at least valid
	Points []uint32 `json:"points"` // numbers under which services are written here
}

// ShareSigner is the signing key of one device, and of no other.
type ShareSigner struct {
	ID   string `json:"id"`   // as listed in the network file
	Seed string `json:"seed"` // base64url, 32 bytes
}

// SealsAheadDays is how long before its quarter a seal key is handed to devices. They need it only to read cards of
// quicker neighbours, and to print through the night of the change while their node is out of reach.
const SealsAheadDays = 14

// ShareOf returns the part of a share that stands in the network's files: what r reads cards with at now. The caller adds
// points, marks and the rest.
func ShareOf(r Reader, now time.Time) Share {
	s := Share{Issuers: []ShareIssuer{}, Keys: []ShareKey{}, Blocks: []ShareBlock{}, Services: []ShareService{}, Announced: []ShareNotice{}, Seals: []ShareSeal{}, Points: []SharePoint{}}
	if r.Network != nil {
		s.file(r.Network.file)
	}
	if r.Keys != nil {
		s.seals(r.Keys, now)
	}
	slices.SortFunc(s.Announced, func(a, b ShareNotice) int { return cmp.Compare(a.ID, b.ID) })
	if r.Marks != nil {
		s.Marks.Key = base64.RawURLEncoding.EncodeToString(r.Marks.key[:])
		s.Marks.Superseded, s.Marks.Revoked = JoinMarks(r.Marks.superseded), JoinMarks(r.Marks.revoked)
	}
	return s
}

func (s *Share) file(f NetworkFile) {
	s.Network = &ShareNetwork{Name: f.Name, Serial: f.Serial, Issued: time.Unix(f.IssuedAt, 0).UTC(), Demo: f.Demo}
	for _, x := range f.Issuers {
		s.Issuers = append(s.Issuers, ShareIssuer{x.Number, x.Code, x.Name})
	}
	for _, x := range f.Keys {
		k := ShareKey{ID: x.ID.String(), Issuer: x.Issuer, Public: base64.RawURLEncoding.EncodeToString(x.Public),
			From: x.From.String(), Until: x.Until.String(), Roles: []string{}, Status: "revoked"}
		if x.Roles&RoleCard != 0 {
			k.Roles = append(k.Roles, "card")
		}
		if x.Roles&RoleVoucher != 0 {
			k.Roles = append(k.Roles, "voucher")
		}
		if x.Status == Active {
			k.Status = "active"
		}
		s.Keys = append(s.Keys, k)
	}
	for _, x := range f.Blocks {
		s.Blocks = append(s.Blocks, ShareBlock{x.Issuer, x.First, x.Last})
	}
	for _, x := range f.Services {
		s.Services = append(s.Services, ShareService{Number: x.Number, Code: x.Code, CardSafe: x.CardSafe})
	}
	for _, x := range f.Seals {
		s.Announced = append(s.Announced, ShareNotice{x.ID, x.Circle, x.Quarter})
	}
}

func (s *Share) seals(k *SealKeys, now time.Time) {
	today := DayOf(now)
	known := map[SealID]bool{}
	for _, n := range s.Announced {
		known[n.ID] = true
	}
	notice := func(n ShareNotice) {
		if !known[n.ID] {
			known[n.ID] = true
			s.Announced = append(s.Announced, n)
		}
	}
	for _, x := range k.gone {
		notice(ShareNotice{x.ID, x.Circle, x.Quarter})
	}
	for _, x := range k.held {
		n := ShareNotice{x.ID, x.Circle, x.Quarter}
		notice(n)
		if x.keptUntil() <= today || x.Quarter.Start() > today+SealsAheadDays {
			continue
		}
		s.Seals = append(s.Seals, ShareSeal{n, base64.RawURLEncoding.EncodeToString(x.Key[:])})
	}
	slices.SortFunc(s.Seals, func(a, b ShareSeal) int { return cmp.Compare(a.ID, b.ID) })
}

// JoinMarks writes marks as a share has them.
func JoinMarks(list []Mark) string {
	all := make([]byte, 0, 16*len(list))
	for _, m := range list {
		all = append(all, m[:]...)
	}
	return base64.RawURLEncoding.EncodeToString(all)
}
