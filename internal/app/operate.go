package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"serai/internal/area/cards"
	"serai/internal/area/network"
	"serai/internal/audit"
	"serai/internal/card"
	"serai/internal/fault"
)

// ImportNetwork imports organisations.csv, points.csv and routes.csv of a folder, as the operator of the node. progress
// is told of records written, and of all.
func (n *Node) ImportNetwork(ctx context.Context, dir string, dryRun bool, progress func(done, all int)) (network.Imported, error) {
	files, err := network.ReadFiles(os.DirFS(dir))
	if err != nil {
		return network.Imported{}, err
	}
	return n.Network.ImportTold(ctx, n.administrator(), files, dryRun, progress)
}

// ReadCard reads a card with what this node knows, outside of any point: what a member of the network may see. The look
// stands in the access log, in the operator's name.
func (n *Node) ReadCard(ctx context.Context, text string) (card.Reading, error) {
	r, err := n.Cards.Inspect(text)
	entry := audit.Entry{Actor: n.administrator().Handle, Action: "cards.inspect", Outcome: audit.Seen, Code: fault.Code(err)}
	if err == nil {
		entry.Code = ""
	}
	return r, errors.Join(err, n.Log.Look(ctx, entry))
}

// CardNetwork is the state of the cards' network at a node, and which device was given which key.
type CardNetwork struct {
	cards.Network
	Devices []cards.DeviceKey `json:"devices"`
}

// CardNetwork tells the state of the cards' network.
func (n *Node) CardNetwork(ctx context.Context) (CardNetwork, error) {
	keys, err := n.Cards.DeviceKeys(ctx)
	return CardNetwork{n.Cards.Network(), keys}, err
}

// PrintCard writes the QR code of a card's text as SVG or PNG.
func PrintCard(w io.Writer, text, format string) error {
	text = card.Pasted(text)
	if !strings.HasPrefix(text, card.Prefix) { // a picture of nothing would be printed, and believed
		return fault.Field("text", "card.not_a_card", "the text of a card begins with AC1:; copy all of it, in quotes")
	}
	picture, err := card.Draw(text)
	if err != nil {
		return err
	}
	if format == "png" {
		return picture.PNG(w, 8)
	}
	_, err = fmt.Fprintf(w, "%s", picture.SVG(42.5))
	return err
}
