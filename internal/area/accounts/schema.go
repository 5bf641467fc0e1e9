package accounts

import "serai/internal/store"

// Migrations make the plain tables of this area. Instants are milliseconds since 1970, 0 for none.
var Migrations = []store.Migration{{Name: "accounts/0001", SQL: `
CREATE TABLE accounts_account (
	account_id BLOB PRIMARY KEY,
	login      TEXT,
	name       TEXT NOT NULL,
	org_id     BLOB NOT NULL,
	language   TEXT NOT NULL,
	handle     BLOB NOT NULL,
	state      TEXT NOT NULL,
	until      BIGINT NOT NULL,
	password   TEXT NOT NULL,
	totp       BLOB,
	totp_next  BLOB,
	totp_step  BIGINT NOT NULL,
	created    BIGINT NOT NULL
);
CREATE UNIQUE INDEX accounts_account_login ON accounts_account (login);
CREATE UNIQUE INDEX accounts_account_handle ON accounts_account (handle);
CREATE TABLE accounts_grant (
	grant_id    BLOB PRIMARY KEY,
	account_id  BLOB NOT NULL,
	role        TEXT NOT NULL,
	org_id      BLOB NOT NULL,
	point_id    BLOB,
	until       BIGINT NOT NULL,
	held        BIGINT NOT NULL,
	asked_by    BLOB,
	asked       BIGINT NOT NULL,
	approved_by BLOB
);
CREATE INDEX accounts_grant_account ON accounts_grant (account_id);
CREATE TABLE accounts_invitation (
	code       BLOB PRIMARY KEY,
	account_id BLOB NOT NULL,
	expires    BIGINT NOT NULL,
	asked_by   BLOB
);
CREATE INDEX accounts_invitation_account ON accounts_invitation (account_id);
CREATE TABLE accounts_device (
	device_id BLOB PRIMARY KEY,
	name      TEXT NOT NULL,
	org_id    BLOB NOT NULL,
	point_id  BLOB NOT NULL,
	code      BLOB,
	expires   BIGINT NOT NULL,
	secret    BLOB,
	enrolled  BIGINT NOT NULL,
	created   BIGINT NOT NULL
);
CREATE UNIQUE INDEX accounts_device_code ON accounts_device (code);
CREATE TABLE accounts_pin (
	account_id BLOB NOT NULL,
	device_id  BLOB NOT NULL,
	pin        TEXT NOT NULL,
	tries      BIGINT NOT NULL,
	PRIMARY KEY (account_id, device_id)
);
CREATE TABLE accounts_session (
	token      BLOB PRIMARY KEY,
	account_id BLOB NOT NULL,
	device_id  BLOB,
	method     TEXT NOT NULL,
	created    BIGINT NOT NULL,
	seen       BIGINT NOT NULL
);
CREATE INDEX accounts_session_account ON accounts_session (account_id);
CREATE TABLE accounts_history (
	at         BIGINT NOT NULL,
	actor      BLOB NOT NULL,
	action     TEXT NOT NULL,
	account_id BLOB,
	detail     TEXT NOT NULL
);
CREATE INDEX accounts_history_account ON accounts_history (account_id);
CREATE TABLE accounts_policy (
	name  TEXT PRIMARY KEY,
	value BIGINT NOT NULL
);
`}, {Name: "accounts/0002", SQL: `
CREATE TABLE accounts_device_key (
	key_id     BLOB PRIMARY KEY,
	account_id BLOB NOT NULL,
	device_id  BLOB,
	method     TEXT NOT NULL,
	public     BLOB NOT NULL,
	created    BIGINT NOT NULL,
	until      BIGINT NOT NULL,
	ended      BIGINT NOT NULL,
	last_used  BIGINT NOT NULL
);
CREATE INDEX accounts_device_key_account ON accounts_device_key (account_id)`}}
