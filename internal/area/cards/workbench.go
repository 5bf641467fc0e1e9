package cards

import (
	"crypto/ed25519"
	"io"
	"time"

	"serai/internal/card"
	"serai/internal/catalogue"
)

// Workbench prints and reads cards of a network of its own, without a node: for measuring.
type Workbench struct {
	press  card.Press
	reader card.Reader
	point  uint32
	day    card.Day
}

// NewWorkbench founds a throw-away network of one organisation with one point, whose cards key signs.
func NewWorkbench(random io.Reader, now func() time.Time, key ed25519.PrivateKey, cat *catalogue.Catalogue) (*Workbench, error) {
	_, rootKey, err := ed25519.GenerateKey(random)
	if err != nil {
		return nil, err
	}
	root := card.RootSigner{Key: rootKey, Demo: true}
	node, err := card.NewNodeKey(random)
	if err != nil {
		return nil, err
	}
	sign, _ := key.Public().(ed25519.PublicKey)
	const point = 0x123456
	founded, err := Found(random, now(), "Workbench", []Member{{Number: 1, Code: "WB", Name: "Workbench", Points: []uint32{point}, Nodes: []NodeKeys{{Sign: sign, Box: node.Public()}}}}, cat, root)
	if err != nil {
		return nil, err
	}
	public, err := root.Root()
	if err != nil {
		return nil, err
	}
	pins, err := card.NewPins(true, public)
	if err != nil {
		return nil, err
	}
	network, err := card.ParseNetwork(founded.Network, pins)
	if err != nil {
		return nil, err
	}
	bundle, err := card.OpenBundle(founded.Bundles[1][0], node, pins)
	if err != nil {
		return nil, err
	}
	seals, err := card.NewSealKeys(bundle.Seals)
	if err != nil {
		return nil, err
	}
	k := &known{network: network, seals: seals, signer: card.Signer{Key: key}}
	k.findSelf()
	return &Workbench{
		press:  card.Press{Network: network, Keys: seals, Signer: k.signer, Circle: k.circle, Days: validDays, Now: now, Rand: random},
		reader: card.Reader{Network: network, Keys: seals, Marks: card.NewMarks(bundle.Network)},
		point:  point, day: card.DayOf(now()),
	}, nil
}

// Issue signs a card with so many entries.
func (w *Workbench) Issue(entries int) (card.Card, error) {
	d := card.Draft{NoFile: true}
	for i := range entries {
		d.Entries = append(d.Entries, card.Entry{Service: 20, Quantity: 3, Day: w.day - card.Day(i), Point: w.point})
	}
	return w.press.Issue(d)
}

// Read decodes, verifies and unseals a card.
func (w *Workbench) Read(text string) (card.Reading, error) {
	return w.reader.Read(text, w.press.Now())
}
