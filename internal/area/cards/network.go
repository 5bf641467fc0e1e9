package cards

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"serai/internal/card"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// validDays is how long a card is at least valid: a journey, and the time in which somebody comes back along it.
const validDays = 540

// known is what this node knows of the network. It is replaced as a whole, never changed.
type known struct {
	roots   []card.Root
	pins    card.Pins
	network *card.Network
	seals   *card.SealKeys
	secret  sealed
	file    card.MarksFile // imported marks
	marks   *card.Marks
	signer  card.Signer
	issuer  uint16 // this organisation, 0 while the network file does not list this node's key
	circle  uint16
	spares  []deviceKey // keys for devices
}

// Start loads what the tables and the keyring hold of the network, and destroys seal keys that are due: call it once a day,
// and first after the migrations. Before it every card is read as unverified.
func (s *Service) Start(ctx context.Context) error {
	s.importing.Lock()
	defer s.importing.Unlock()
	return s.load(ctx)
}

// Lock drops the keys from memory; Start loads them again from an open keyring. Texts that could still be printed go too.
func (s *Service) Lock() {
	s.known.Store(&known{})
	s.prints.clear()
}

func (s *Service) load(ctx context.Context) error {
	k := &known{}
	files := map[string][]byte{}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		k.roots = nil
		if err := tx.Each(`SELECT root FROM cards_root ORDER BY pinned, root`, nil, func(r *store.Row) error {
			var text string
			if err := r.Scan(&text); err != nil {
				return err
			}
			root, err := card.ParseRoot(text)
			k.roots = append(k.roots, root)
			return err
		}); err != nil {
			return err
		}
		return tx.Each(`SELECT name, content FROM cards_network`, nil, func(r *store.Row) error {
			var name string
			var content []byte
			err := r.Scan(&name, &content)
			files[name] = content
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("load the card network: %w", err)
	}
	if err := s.loadSecrets(k); err != nil {
		return err
	}
	if len(k.roots) > 0 {
		if k.pins, err = card.NewPins(s.Demo, k.roots...); err != nil {
			return fmt.Errorf("pinned roots: %w", err)
		}
	}
	// A file that verified when it came in and does not now was signed by a root that is pinned no longer.
	if data, ok := files[fileNetwork]; ok {
		if k.network, err = card.ParseNetwork(data, k.pins); err != nil {
			slog.WarnContext(ctx, "the network file of cards is not used", "code", fault.Code(err))
		}
	}
	if data, ok := files[fileMarks]; ok {
		if k.file, err = card.ParseMarks(data, k.pins); err != nil {
			slog.WarnContext(ctx, "the list of marks is not used", "code", fault.Code(err))
		}
	}
	if k.secret.Serial > 0 {
		k.marks = card.NewMarks(k.secret.Network, k.file)
	}
	k.findSelf()
	if err := s.loadSpares(k); err != nil {
		return err
	}
	s.known.Store(k)
	return nil
}

// findSelf looks this node's signing key up in the network file. A later key of the file wins, as after a renewal.
func (k *known) findSelf() {
	if k.network == nil {
		return
	}
	public := k.signer.Key.Public().(ed25519.PublicKey)
	var from card.Day
	for _, line := range k.network.File().Keys {
		if public.Equal(ed25519.PublicKey(line.Public)) && (k.issuer == 0 || line.From >= from) {
			k.signer.ID, k.issuer, from = line.ID, line.Issuer, line.From
		}
	}
	if all := k.network.Circles(k.issuer); len(all) > 0 {
		k.circle = all[0].Number
	}
}

// signsFor says why this node cannot print cards at a point: it prints for one organisation. A point that opened after
// the network file was made gives out cards, and writes on them from the next file on: before, nobody could tell whose
// number stands in its entries.
func (k *known) signsFor(at Place, writes bool) error {
	if k.network == nil {
		return fault.Conflict(card.CodeNoNetwork, "no network file is here; fetch it from the network's office before cards are printed")
	}
	if k.issuer == 0 {
		return fault.Conflict(card.CodeSigner, "the network file does not list this node's signing key; send the office what `serai network-file key` prints, and fetch the next file")
	}
	switch owner, listed := k.network.Owner(at.Number); {
	case listed && owner != k.issuer:
		return fault.Field("point", "cards.point_of_another", "this node prints cards for one organisation, and the network file lists this point under another")
	case !listed && writes:
		return fault.Field("point", "cards.point_not_listed", "the network file does not list this point yet, so nothing can be written on cards here; ask the network's office for the next file, and give a card without entries meanwhile")
	}
	return nil
}

func (k *known) reader() card.Reader {
	return card.Reader{Network: k.network, Keys: k.seals, Marks: k.marks}
}

const (
	fileNetwork = "network"
	fileMarks   = "marks"
)

// PinRoot trusts a root, given as its text (serai-root:...), which came by hand. At most two are pinned at a time.
func (s *Service) PinRoot(ctx context.Context, text string) (fingerprint string, err error) {
	root, err := card.ParseRoot(strings.TrimSpace(text))
	if err != nil {
		return "", err
	}
	s.importing.Lock()
	defer s.importing.Unlock()
	all := s.known.Load().roots
	for _, r := range all {
		if r.String() == root.String() {
			return root.Fingerprint(), nil
		}
	}
	if _, err := card.NewPins(s.Demo, append(all[:len(all):len(all)], root)...); err != nil {
		return "", err
	}
	if err := s.DB.Write(ctx, func(tx *store.Tx) error {
		return tx.Exec(`INSERT INTO cards_root (root, pinned) VALUES ($1, $2) ON CONFLICT (root) DO NOTHING`, root.String(), s.Now().UnixMilli())
	}); err != nil {
		return "", err
	}
	return root.Fingerprint(), s.load(ctx)
}

// UnpinRoot stops trusting the root with a fingerprint. What it signed is not used from then on.
func (s *Service) UnpinRoot(ctx context.Context, fingerprint string) error {
	s.importing.Lock()
	defer s.importing.Unlock()
	for _, r := range s.known.Load().roots {
		if r.Fingerprint() != fingerprint {
			continue
		}
		if err := s.DB.Write(ctx, func(tx *store.Tx) error { return tx.Exec(`DELETE FROM cards_root WHERE root = $1`, r.String()) }); err != nil {
			return err
		}
		return s.load(ctx)
	}
	return fault.NotFound("cards.no_root", "no root with this fingerprint is pinned; `serai network-file show` lists them")
}

// ImportNetwork takes a signed network file. An older one, or one that gives a number another meaning, is refused and the
// current one kept.
func (s *Service) ImportNetwork(ctx context.Context, data []byte) (Network, error) {
	return s.take(ctx, func(k *known) error {
		if len(k.roots) == 0 {
			return errNoRoot
		}
		next, err := card.ParseNetwork(data, k.pins)
		if err != nil {
			return err
		}
		if err := card.Accept(k.network, next); err != nil {
			return err
		}
		return s.keep(ctx, fileNetwork, next.Serial(), data)
	})
}

// ImportMarks takes a signed list of marks; an older one is refused.
func (s *Service) ImportMarks(ctx context.Context, data []byte) (Network, error) {
	return s.take(ctx, func(k *known) error {
		if len(k.roots) == 0 {
			return errNoRoot
		}
		next, err := card.ParseMarks(data, k.pins)
		if err != nil {
			return err
		}
		if err := card.AcceptMarks(k.file, next); err != nil {
			return err
		}
		return s.keep(ctx, fileMarks, next.Serial, data)
	})
}

// ImportBundle takes the seal keys of this node. Keys of earlier bundles are kept until their time is over.
func (s *Service) ImportBundle(ctx context.Context, data []byte) (Network, error) {
	return s.take(ctx, func(k *known) error {
		if k.network == nil {
			return fault.Conflict("cards.no_network_file", "take the network file first; the bundle is checked against it")
		}
		key, err := s.nodeKey()
		if err != nil {
			return err
		}
		next, err := card.OpenBundle(data, key, k.pins)
		if err != nil {
			return err
		}
		if err := card.AcceptBundle(k.secret.Serial, next, k.network); err != nil {
			return err
		}
		secret := sealed{Serial: next.Serial, Network: next.Network, Gone: k.secret.Gone}
		have := map[uint16]bool{}
		for _, x := range next.Seals {
			secret.Seals = append(secret.Seals, sealKey{ID: uint16(x.ID), Circle: x.Circle, Quarter: uint16(x.Quarter), Key: x.Key})
			have[uint16(x.ID)] = true
		}
		for _, x := range k.secret.Seals {
			if !have[x.ID] {
				secret.Seals = append(secret.Seals, x)
			}
		}
		if _, err := secret.keys(); err != nil {
			return err
		}
		return s.saveSecrets(secret)
	})
}

var errNoRoot = fault.Conflict("cards.no_root", "no root is pinned yet; compare the fingerprint with the network's office by voice, then `serai network-file pin`")

// take runs one import after the other, loads the result, and tells the state after it.
func (s *Service) take(ctx context.Context, fn func(k *known) error) (Network, error) {
	s.importing.Lock()
	defer s.importing.Unlock()
	if err := fn(s.known.Load()); err != nil {
		return Network{}, err
	}
	if err := s.load(ctx); err != nil {
		return Network{}, err
	}
	return s.Network(), nil
}

func (s *Service) keep(ctx context.Context, name string, serial uint64, data []byte) error {
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		return tx.Exec(`INSERT INTO cards_network (name, serial, content, taken) VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO UPDATE SET serial = excluded.serial, content = excluded.content, taken = excluded.taken`, name, serial, data, s.Now().UnixMilli())
	})
}

// Network is what an operator wants to know of the cards' network.
type Network struct {
	Name    string    `json:"name"`
	Serial  uint64    `json:"serial"` // 0: no network file is here
	Issued  time.Time `json:"issued,omitzero"`
	Age     int       `json:"age_days"`
	Old     bool      `json:"old"` // older than card.NetworkOldAfter
	Demo    bool      `json:"demo"`
	Roots   []string  `json:"roots"`             // fingerprints
	Issuer  *Issuer   `json:"issuer"`            // this node's organisation, null while its key is not listed
	Circle  uint16    `json:"circle"`            // sealed to
	Bundle  uint64    `json:"bundle"`            // serial of the last key bundle, 0 for none
	Until   fact.Day  `json:"prints_until"`      // cards can be printed until the day before; 0: not at all
	Marks   uint64    `json:"marks"`             // serial of the last imported list
	Problem string    `json:"problem,omitempty"` // code of why no card can be printed
}

// Issuer is an organisation as the network file names it.
type Issuer struct {
	Number uint16 `json:"number"`
	Code   string `json:"code"`
	Name   string `json:"name"`
}

func (k *known) issuerOf(number uint16) *Issuer {
	if k.network == nil || number == 0 {
		return nil
	}
	x, ok := k.network.Issuer(number)
	if !ok {
		return nil
	}
	return &Issuer{x.Number, x.Code, x.Name}
}

// Network tells the state of the network's files at this node.
func (s *Service) Network() Network {
	k, now := s.known.Load(), s.Now()
	n := Network{Roots: []string{}, Circle: k.circle, Bundle: k.secret.Serial, Marks: k.file.Serial, Issuer: k.issuerOf(k.issuer), Demo: s.Demo}
	for _, r := range k.roots {
		n.Roots = append(n.Roots, r.Fingerprint())
	}
	if k.network != nil {
		file := k.network.File()
		n.Name, n.Serial, n.Issued = file.Name, file.Serial, time.Unix(file.IssuedAt, 0).UTC()
		n.Age, n.Old = int(k.network.Age(now)/(24*time.Hour)), k.network.Age(now) > card.NetworkOldAfter
	}
	for _, x := range k.secret.Seals {
		if x.Circle == k.circle {
			n.Until = max(n.Until, fact.Day(card.Quarter(x.Quarter).End()))
		}
	}
	// A slip without help on it is never printed; the attempt tells what would stop a real one.
	if _, err := s.press(k, nil).Issue(card.Draft{NoFile: true}); err != nil {
		n.Problem = fault.Code(err)
	}
	return n
}
