package app

import (
	"context"

	"serai/internal/area/accounts"
	"serai/internal/outbox"
)

// forOutbox tells the intake whose device key it is.
type forOutbox struct{ *Node }

func (a forOutbox) Signer(ctx context.Context, id string) (outbox.Signer, bool, error) {
	key, ok := accounts.ParseKeyID(id)
	if !ok {
		return outbox.Signer{}, false, nil
	}
	s, known, err := a.Accounts.SignerOf(ctx, key)
	return outbox.Signer{Actor: s.Actor, Public: s.Public, Since: s.Since, Ended: s.Ended, Counts: s.Counts}, known, err
}

func (a forOutbox) Used(ctx context.Context, id string) error {
	key, ok := accounts.ParseKeyID(id)
	if !ok {
		return nil
	}
	return a.Accounts.UsedKey(ctx, key)
}

func (a forOutbox) Method(ctx context.Context, token string) (string, error) {
	return a.Accounts.SessionMethod(ctx, token)
}
