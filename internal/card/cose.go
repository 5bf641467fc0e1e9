package card

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"

	"github.com/veraison/go-cose"
)

var (
	errAlgorithm = errors.New("signed with another algorithm than EdDSA, or the algorithm is not in the protected header")
	errHeader    = errors.New("headers other than the protected algorithm and key id")
	errSignature = errors.New("signature does not match")
)

// sign returns an untagged COSE_Sign1 message. The protected header holds the algorithm and kid and nothing else, the
// unprotected one nothing. purpose is authenticated but not written: it keeps a signature over a list from passing as
// one over a card.
func sign(random io.Reader, key crypto.Signer, kid, payload []byte, purpose string) ([]byte, error) {
	if _, ok := key.Public().(ed25519.PublicKey); !ok {
		return nil, fmt.Errorf("key of type %T cannot sign: want Ed25519", key.Public())
	}
	signer, err := cose.NewSigner(cose.AlgorithmEdDSA, key)
	if err != nil {
		return nil, err
	}
	m := cose.UntaggedSign1Message{Payload: payload, Headers: cose.Headers{
		Protected: cose.ProtectedHeader{cose.HeaderLabelAlgorithm: cose.AlgorithmEdDSA, cose.HeaderLabelKeyID: kid},
	}}
	if err := m.Sign(random, []byte(purpose), signer); err != nil {
		return nil, err
	}
	return m.MarshalCBOR()
}

// message is a COSE_Sign1 of the one form that is written here, its signature not yet checked.
type message struct {
	cose cose.UntaggedSign1Message
	kid  []byte
}

// parseMessage refuses every other form: tags, other algorithms, further headers ("crit" would be one of them),
// detached payloads, encodings with more bytes than needed.
func parseMessage(data []byte, kidSize int) (message, error) {
	if err := canonical(data, 4); err != nil {
		return message{}, err
	}
	var m message
	if err := m.cose.UnmarshalCBOR(data); err != nil {
		if errors.Is(err, cose.ErrInvalidAlgorithm) || errors.Is(err, cose.ErrAlgorithmNotFound) {
			return message{}, errAlgorithm
		}
		return message{}, err
	}
	protected := m.cose.Headers.Protected
	if alg, err := protected.Algorithm(); err != nil || alg != cose.AlgorithmEdDSA {
		return message{}, errAlgorithm
	}
	kid, ok := protected[cose.HeaderLabelKeyID].([]byte)
	if !ok || len(kid) != kidSize || len(protected) != 2 || len(m.cose.Headers.Unprotected) != 0 {
		return message{}, errHeader
	}
	if len(m.cose.Payload) == 0 || len(m.cose.Signature) != ed25519.SignatureSize {
		return message{}, errors.New("no payload or no signature")
	}
	// The walk above saw the protected header only as a string of bytes.
	again, err := protected.MarshalCBOR()
	if err != nil {
		return message{}, err
	}
	if !bytes.Equal(again, m.cose.Headers.RawProtected) {
		return message{}, errNotCanonical
	}
	m.kid = kid
	return m, nil
}

func (m *message) verify(key ed25519.PublicKey, purpose string) error {
	verifier, err := cose.NewVerifier(cose.AlgorithmEdDSA, key)
	if err != nil {
		return err
	}
	if err := m.cose.Verify([]byte(purpose), verifier); err != nil {
		return errSignature
	}
	return nil
}
