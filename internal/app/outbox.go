package app

import (
	"context"

	"serai/internal/outbox"
)

// ImportOutbox does what stands in a file that a device exported, and answers each entry.
func (n *Node) ImportOutbox(ctx context.Context, file []byte) ([]outbox.Result, error) {
	return n.Outbox.Import(ctx, file)
}
