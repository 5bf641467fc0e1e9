package cards

import (
	"crypto/ed25519"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"serai/internal/card"
	"serai/internal/catalogue"
	"serai/internal/fault"
)

// signingYears is how long a signing key is listed for.
const signingYears = 5

// Member is an organisation as the network's office enters it.
type Member struct {
	Number uint16 // issuer number, 1..4095
	Code   string
	Name   string
	Points []uint32   // card numbers of its service points
	Nodes  []NodeKeys // its nodes
}

// Founded is a new network: what every node takes, and what one node takes.
type Founded struct {
	Root    string              // text of the root, to be pinned by hand
	Network []byte              // the signed network file, for all
	Bundles map[uint16][][]byte // key bundles by issuer number, in the order of Member.Nodes
}

// Found makes the first network file and the key bundles, with one circle of all members. The card-safe services are
// those of the catalogue that have a card number and are not sealed. It serves the demonstration (root.Demo) and an
// office that begins.
func Found(random io.Reader, now time.Time, name string, members []Member, cat *catalogue.Catalogue, root card.RootSigner) (Founded, error) {
	public, err := root.Root()
	if err != nil {
		return Founded{}, err
	}
	file := card.NetworkFile{Serial: 1, IssuedAt: now.Unix(), Name: name}
	circle := card.Circle{Number: 1, Name: name}
	from := card.DayOf(now) - 1 // clocks differ
	until := card.DayOf(now.AddDate(signingYears, 0, 0))
	for _, m := range members {
		file.Issuers = append(file.Issuers, card.Issuer{Number: m.Number, Code: m.Code, Name: m.Name})
		file.Blocks = append(file.Blocks, blocks(m)...)
		circle.Members = append(circle.Members, m.Number)
		for _, n := range m.Nodes {
			if _, err := file.AddKey(random, m.Number, n.Sign, from, until, card.RoleCard); err != nil {
				return Founded{}, fmt.Errorf("list a key of %s: %w", m.Code, err)
			}
			for _, d := range n.Devices {
				if _, err := file.AddKey(random, m.Number, d, from, until, card.RoleCard); err != nil {
					return Founded{}, fmt.Errorf("list a key for a device of %s: %w", m.Code, err)
				}
			}
		}
	}
	file.Services = append(file.Services, card.Service{Number: card.ServiceOther, Code: "other", CardSafe: true})
	for _, s := range cat.Services {
		if s.Card > card.ServiceOther {
			file.Services = append(file.Services, card.Service{Number: s.Card, Code: s.Code, CardSafe: cat.CardSafe(s.Code)})
		}
	}
	file.Circles = []card.Circle{circle}
	bundle := card.KeyBundle{Serial: 1, IssuedAt: now.Unix()}
	if bundle.Seals, err = file.AddSeals(random, now); err != nil {
		return Founded{}, err
	}
	if _, err := io.ReadFull(random, bundle.Network[:]); err != nil {
		return Founded{}, fmt.Errorf("draw the network key: %w", err)
	}
	out := Founded{Root: public.String(), Bundles: map[uint16][][]byte{}}
	if out.Network, err = card.SignNetwork(random, file, root); err != nil {
		return Founded{}, err
	}
	pins, err := card.NewPins(root.Demo, public)
	if err != nil {
		return Founded{}, err
	}
	network, err := card.ParseNetwork(out.Network, pins)
	if err != nil {
		return Founded{}, err
	}
	for _, m := range members {
		for _, n := range m.Nodes {
			sealed, err := card.SealBundle(random, bundle.For(network, m.Number), root, n.Box)
			if err != nil {
				return Founded{}, fmt.Errorf("key bundle for a node of %s: %w", m.Code, err)
			}
			out.Bundles[m.Number] = append(out.Bundles[m.Number], sealed)
		}
	}
	return out, nil
}

// Amend makes the network file that follows current: it lists the keys of members' nodes and devices that are not listed
// yet, and revokes those with the given ids. A revoked key counts for nothing that it ever signed, so that a thief gains
// nothing by an earlier day on a card. Everything else stays.
func Amend(random io.Reader, now time.Time, current []byte, members []Member, revoke []string, root card.RootSigner) ([]byte, error) {
	public, err := root.Root()
	if err != nil {
		return nil, err
	}
	pins, err := card.NewPins(root.Demo, public)
	if err != nil {
		return nil, err
	}
	network, err := card.ParseNetwork(current, pins)
	if err != nil {
		return nil, err
	}
	file := network.File().Next(now)
	from, until := card.DayOf(now)-1, card.DayOf(now.AddDate(signingYears, 0, 0))
	for i, m := range members {
		if _, known := network.Issuer(m.Number); !known {
			return nil, fault.Fieldf(fmt.Sprintf("members.%d.number", i), "cards.unknown_issuer", "the network file lists no organisation with number %d", m.Number)
		}
		for _, n := range m.Nodes {
			for _, key := range append([]ed25519.PublicKey{n.Sign}, n.Devices...) {
				if slices.ContainsFunc(file.Keys, func(k card.TrustedKey) bool { return key.Equal(ed25519.PublicKey(k.Public)) }) {
					continue
				}
				if _, err := file.AddKey(random, m.Number, key, from, until, card.RoleCard); err != nil {
					return nil, fmt.Errorf("list a key of organisation %d: %w", m.Number, err)
				}
			}
		}
	}
	for _, id := range revoke {
		i := slices.IndexFunc(file.Keys, func(k card.TrustedKey) bool { return k.ID.String() == strings.ToLower(id) })
		if i < 0 {
			return nil, fault.Fieldf("revoke", "cards.unknown_key", "the network file lists no key %q; the lead's screen of devices and `serai network-file show` name them", id)
		}
		file.Keys[i].Status = card.Revoked
	}
	return card.SignNetwork(random, file, root)
}

// blocks turns the numbers of a member's points into blocks; neighbours share one.
func blocks(m Member) []card.Block {
	numbers := slices.Clone(m.Points)
	slices.Sort(numbers)
	var out []card.Block
	for _, n := range slices.Compact(numbers) {
		if last := len(out) - 1; last >= 0 && out[last].Last+1 == n {
			out[last].Last = n
			continue
		}
		out = append(out, card.Block{Issuer: m.Number, First: n, Last: n})
	}
	return out
}
