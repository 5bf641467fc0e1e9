package cards

import (
	"context"

	"serai/internal/access"
	"serai/internal/card"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// PersonByLineage returns whose card this is, for a search by card; false for a card that is none, cannot be believed, or
// whose holder was erased. The search writes down what came of it.
func (s *Service) PersonByLineage(ctx context.Context, _ access.Actor, text string) (person fact.PersonID, found bool, err error) {
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		person = fact.PersonID{}
		k := s.known.Load()
		l := &look{}
		if l.Reading, l.refused = k.reader().Read(card.Pasted(text), s.Now()); l.refused != nil {
			return l.refused
		}
		if err := s.recognise(tx, k, l); err != nil {
			return err
		}
		person = l.person
		return nil
	})
	if err != nil && fault.Of(err) != fault.Internal {
		return person, false, nil
	}
	return person, !person.IsZero(), err
}

// NodeKeys returns this node's public keys, to be listed in the network file.
func (s *Service) NodeKeys() (NodeKeys, error) {
	text, err := s.NodeKeyText()
	if err != nil {
		return NodeKeys{}, err
	}
	return ParseNodeKeys(text)
}

// Inspect reads a card for an operator at the console, without telling whose it is. The caller writes down the look.
func (s *Service) Inspect(text string) (card.Reading, error) {
	return s.known.Load().reader().Read(card.Pasted(text), s.Now())
}
