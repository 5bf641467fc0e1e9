// Package journal appends facts, runs the projectors, and can tell the whole story again.
//
// A command appends facts within one transaction, and the journal runs their projectors before the commit, so that the
// answer and the tables cannot differ. Facts stand in feeds, one for each scope, numbered without gaps and chained by
// hashes; the head is signed at least every fifty facts. Tables that screens read are projections: they carry a schema
// hash and are rebuilt from the facts when it differs.
//
// A projector receives a fact opened where the key is here. It refuses nothing, repeats change nothing, and order
// changes nothing: it may be called again for the same fact, with its sealed part (the key came late) or without it
// (the person was erased).
//
// What cannot be handled, an unknown kind, other content under a known id, a fork, is kept in quarantine with its
// reason and never stalls the rest.
//
// The tables of this package are plain: they are the facts, and the memory of requests that were answered.
package journal

import "serai/internal/store"

// Migrations make the tables of this package.
var Migrations = []store.Migration{{Name: "journal/0001", SQL: `
CREATE TABLE journal_feed (feed BIGINT PRIMARY KEY, node BLOB NOT NULL, incarnation BLOB NOT NULL, scope TEXT NOT NULL,
  seq BIGINT NOT NULL, stamp BIGINT NOT NULL, hash BLOB NOT NULL, signed BIGINT NOT NULL, UNIQUE (node, incarnation, scope));
CREATE TABLE journal_fact (pos BIGINT PRIMARY KEY, feed BIGINT NOT NULL, seq BIGINT NOT NULL, id BLOB NOT NULL, kind BIGINT NOT NULL,
  version BIGINT NOT NULL, stamp BIGINT NOT NULL, envelope BLOB NOT NULL, opened BLOB NOT NULL, sealed BLOB, sealed_hash BLOB,
  handle BLOB, handle2 BLOB, hash BLOB NOT NULL, state BIGINT NOT NULL);
CREATE UNIQUE INDEX journal_fact_feed ON journal_fact (feed, seq);
CREATE INDEX journal_fact_id ON journal_fact (id);
CREATE INDEX journal_fact_handle ON journal_fact (handle) WHERE handle IS NOT NULL;
CREATE INDEX journal_fact_handle2 ON journal_fact (handle2) WHERE handle2 IS NOT NULL;
CREATE TABLE journal_checkpoint (feed BIGINT NOT NULL, seq BIGINT NOT NULL, hash BLOB NOT NULL, signature BLOB NOT NULL, PRIMARY KEY (feed, seq)) /*clustered*/;
CREATE TABLE journal_node (node BLOB PRIMARY KEY, public BLOB NOT NULL) /*clustered*/;
CREATE TABLE journal_quarantine (pos BIGINT PRIMARY KEY, node BLOB NOT NULL, incarnation BLOB NOT NULL, scope TEXT NOT NULL, seq BIGINT NOT NULL,
  id BLOB NOT NULL, kind BIGINT NOT NULL, envelope BLOB NOT NULL, opened BLOB NOT NULL, sealed BLOB, reason TEXT NOT NULL, since BIGINT NOT NULL);
CREATE TABLE journal_request (actor BLOB NOT NULL, request TEXT NOT NULL, hash BLOB NOT NULL, facts BLOB NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (actor, request)) /*clustered*/;
CREATE TABLE journal_projection (area TEXT PRIMARY KEY, hash TEXT NOT NULL) /*clustered*/`}, {Name: "journal/0002", SQL: `
CREATE INDEX journal_fact_waiting ON journal_fact (pos) WHERE state >= 2;
CREATE INDEX journal_quarantine_feed ON journal_quarantine (node, incarnation, scope, seq);
CREATE TABLE journal_erased (handle BLOB PRIMARY KEY) /*clustered*/`}}

// The states of a stored fact.
const (
	stateProjected = 0 // the tables know it
	stateCopy      = 1 // another copy of the same fact counts
	stateUnknown   = 2 // a kind that this program does not know; tried again after an upgrade
	stateHeld      = 3 // in quarantine: it stands in its feed, and no projector sees it
)
