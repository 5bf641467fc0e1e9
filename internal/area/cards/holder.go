package cards

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"io"
	"strings"

	"serai/internal/card"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/seal"
	"serai/internal/store"
)

// LineageKey is how this organisation knows a card: card.RecogniseKey of its lineage.
type LineageKey [16]byte

// Holder returns the person id of whoever holds a card of this lineage, as long as no file says otherwise: a UUIDv8 from
// HMAC-SHA-256(orgKey, "serai holder/1" | lineage key). Two organisations derive two ids, which do not join, and no table
// is needed to find the same one again.
func Holder(orgKey []byte, lineage LineageKey) fact.PersonID {
	sum := keyed(orgKey, "serai holder/1", lineage[:])
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	var p fact.PersonID
	if err := p.UnmarshalBinary(sum[:16]); err != nil {
		panic(err) // sixteen bytes are an id
	}
	return p
}

func keyed(key []byte, purpose string, value []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(purpose))
	h.Write(value)
	return h.Sum(nil)
}

// blankLineage is the lineage of the blank card with a serial. It follows from the serial, so that a blank card can be
// given out by the number on its face, without a scanner, and without a table of lineages that somebody could take.
func blankLineage(orgKey []byte, serial string) card.Lineage {
	return card.Lineage(keyed(orgKey, "serai blank card/1", []byte(serial))[:8])
}

// blankRandom hands the press a lineage that is settled; everything after it is random.
func blankRandom(orgKey []byte, serial string, random io.Reader) io.Reader {
	lineage := blankLineage(orgKey, serial)
	return io.MultiReader(strings.NewReader(string(lineage[:])), random)
}

var serials = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// newSerial draws the number of a blank card: eight characters of Crockford's base32, in which no two look alike.
func newSerial(random io.Reader) (string, error) {
	var b [5]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", err
	}
	return serials.EncodeToString(b[:]), nil
}

// readSerial accepts what people type: small letters, spaces, hyphens, O for 0 and I or L for 1.
func readSerial(typed string) string {
	return strings.NewReplacer(" ", "", "-", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(typed))
}

func (s *Service) random() io.Reader {
	if s.Rand != nil {
		return s.Rand
	}
	return rand.Reader
}

// orgKey is the secret under which this organisation knows lineages.
func (s *Service) orgKey() ([]byte, error) { return s.Ring.AreaOrNew("cards.lineage", 32) }

func (s *Service) lineageKey(l card.Lineage) (LineageKey, error) {
	key, err := s.orgKey()
	if err != nil {
		return LineageKey{}, err
	}
	return LineageKey(card.RecogniseKey(key, l)), nil
}

// holder returns who holds a card: the person to whom it was given, else the derived one; none when she was erased.
// In a writer's transaction it makes sure that there is a key for her, which is how an erased person is told.
func (s *Service) holder(tx *store.Tx, lineage LineageKey) (fact.PersonID, error) {
	var person fact.PersonID
	found, err := tx.One(`SELECT person FROM cards_lineage WHERE lineage = $1 ORDER BY stamp DESC, fact DESC LIMIT 1`, store.Args{lineage}, &person)
	if err != nil {
		return person, err
	}
	if !found {
		key, err := s.orgKey()
		if err != nil {
			return person, err
		}
		person = Holder(key, lineage)
	}
	if _, err := s.Keys.Ensure(tx, person, seal.T1); errors.Is(err, seal.ErrErased) {
		return fact.PersonID{}, nil
	} else if err != nil {
		return fact.PersonID{}, err
	}
	return person, nil
}

// highest returns the highest sequence of a lineage that was printed or seen here, 0 for none.
func (s *Service) highest(tx *store.Tx, lineage LineageKey) (uint16, error) {
	var printed, seen int64
	if _, err := tx.One(`SELECT coalesce(max(sequence), 0) FROM cards_lineage WHERE lineage = $1`, store.Args{lineage}, &printed); err != nil {
		return 0, err
	}
	if _, err := tx.One(`SELECT sequence FROM cards_seen WHERE lineage = $1`, store.Args{lineage}, &seen); err != nil {
		return 0, err
	}
	return uint16(max(printed, seen)), nil
}

// Holds tells whether person is known here by a card that was given out or read, and not erased since.
func (s *Service) Holds(tx *store.Tx, person fact.PersonID) (bool, error) {
	return tx.One(`SELECT 1 FROM cards_lineage WHERE person = $1 UNION ALL SELECT 1 FROM cards_seen WHERE person = $1 LIMIT 1`, store.Args{person}, new(int64))
}

// see remembers that a print of this sequence was read.
func (s *Service) see(tx *store.Tx, lineage LineageKey, sequence uint16, person fact.PersonID) error {
	return tx.Exec(`INSERT INTO cards_seen (lineage, sequence, person) VALUES ($1, $2, $3)
ON CONFLICT (lineage) DO UPDATE SET person = excluded.person, sequence = CASE WHEN excluded.sequence > cards_seen.sequence THEN excluded.sequence ELSE cards_seen.sequence END`,
		lineage, sequence, person)
}

// Forget belongs into the command that erases a person, before the journal's Erase: her cards stay in her pocket, and
// must not bring her back. The holder ids that her cards would give from then on are entered in the erasure ledger, and
// what was noted when they were read goes.
func (s *Service) Forget(tx *store.Tx, person fact.PersonID) error {
	lineages := map[LineageKey]bool{}
	for _, sql := range []string{`SELECT lineage FROM cards_lineage WHERE person = $1`, `SELECT lineage FROM cards_seen WHERE person = $1`} {
		if err := tx.Each(sql, store.Args{person}, func(r *store.Row) error {
			var l LineageKey
			err := r.Scan(&l)
			lineages[l] = true
			return err
		}); err != nil {
			return err
		}
	}
	key, err := s.orgKey()
	if err != nil {
		return err
	}
	for l := range lineages {
		if holder := Holder(key, l); holder != person {
			if err := s.Keys.Drop(tx, holder, s.Now()); err != nil {
				return err
			}
			// The file beside the backups too: a restored node would otherwise know her by her card again.
			if s.Journal.Ledger != nil {
				if err := s.Journal.Ledger.Append(holder, s.Now()); err != nil {
					return err
				}
			}
		}
		if err := tx.Exec(`DELETE FROM cards_seen WHERE lineage = $1`, l); err != nil {
			return err
		}
	}
	return nil
}

var errNoCard = fault.NotFound("cards.no_card", "there is no such card here; a card can be printed for an hour after it was made, at its point")
