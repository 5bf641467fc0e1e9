package accounts

import (
	"serai/internal/fact"
	"serai/internal/store"
)

// DeviceByID returns a device that was not taken out, enrolled or still to be.
func (s *Service) DeviceByID(tx *store.Tx, id fact.DeviceID) (Device, bool, error) {
	return deviceByID(tx, id)
}
