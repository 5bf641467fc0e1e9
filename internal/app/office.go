package app

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"serai/internal/area/cards"
	"serai/internal/card"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/seal"
	"serai/internal/store"
)

// RootText returns the public half of a root key, to be pinned by members.
func RootText(key ed25519.PrivateKey) (string, error) {
	root, err := card.RootSigner{Key: key}.Root()
	return root.String(), err
}

// OfficeMember is a member of the cards' network as the office lists it.
type OfficeMember struct {
	Number uint16   `json:"number"`
	Code   string   `json:"code"`
	Keys   []string `json:"node_keys"`
}

// FoundNetwork writes the first network file and the key bundles into dir, with names and point numbers from this
// node's network, and returns the names of the files.
func (n *Node) FoundNetwork(ctx context.Context, root ed25519.PrivateKey, name string, list []OfficeMember, dir string) ([]string, error) {
	var members []cards.Member
	err := n.DB.Read(ctx, func(tx *store.Tx) error {
		for i, m := range list {
			out := cards.Member{Number: m.Number, Code: m.Code}
			org := fact.OrgByCode(m.Code)
			o, found, err := n.Network.Organisation(tx, org)
			if err != nil {
				return err
			}
			if !found {
				return fault.Fieldf(fmt.Sprintf("members.%d.code", i), "network_file.unknown_member", "this node's network has no organisation %q; import it first", m.Code)
			}
			out.Name = o.Name
			if out.Points, err = n.Network.Numbers(tx, org); err != nil {
				return err
			}
			for _, text := range m.Keys {
				keys, err := cards.ParseNodeKeys(text)
				if err != nil {
					return err
				}
				out.Nodes = append(out.Nodes, keys)
			}
			members = append(members, out)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var founded cards.Founded
	err = n.DB.Read(ctx, func(tx *store.Tx) error {
		c, err := n.Lists.Current(tx)
		if err != nil {
			return err
		}
		founded, err = cards.Found(rand.Reader, n.Config.Now(), name, members, c, card.RootSigner{Key: root})
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	var written []string
	put := func(file string, content []byte) error {
		path := filepath.Join(dir, file)
		written = append(written, path)
		return seal.WriteFile(path, content)
	}
	if err := put("network.file", founded.Network); err != nil {
		return written, err
	}
	for _, m := range members {
		for i, b := range founded.Bundles[m.Number] {
			if err := put(fmt.Sprintf("bundle-%s-%d.keys", m.Code, i+1), b); err != nil {
				return written, err
			}
		}
	}
	return written, nil
}

// AmendNetwork writes the network file that follows the one in current: with further keys of members, and some revoked.
func (n *Node) AmendNetwork(root ed25519.PrivateKey, current []byte, list []OfficeMember, revoke []string, out string) error {
	var members []cards.Member
	for _, m := range list {
		member := cards.Member{Number: m.Number, Code: m.Code}
		for _, text := range m.Keys {
			keys, err := cards.ParseNodeKeys(text)
			if err != nil {
				return err
			}
			member.Nodes = append(member.Nodes, keys)
		}
		members = append(members, member)
	}
	next, err := cards.Amend(rand.Reader, n.Config.Now(), current, members, revoke, card.RootSigner{Key: root})
	if err != nil {
		return err
	}
	return seal.WriteFile(out, next)
}

// InstallNetwork installs a network file, a key bundle or a list of marks, whichever the bytes are.
func (n *Node) InstallNetwork(ctx context.Context, content []byte) (string, error) {
	_, asNetwork := n.Cards.ImportNetwork(ctx, content)
	if asNetwork == nil {
		return "network file", nil
	}
	_, asBundle := n.Cards.ImportBundle(ctx, content)
	if asBundle == nil {
		return "key bundle", nil
	}
	_, asMarks := n.Cards.ImportMarks(ctx, content)
	if asMarks == nil {
		return "list of marks", nil
	}
	return "", errors.Join(asNetwork, asBundle, asMarks)
}
