// Package testkit gives tests what the real program gets: both database engines, a clock, keys, actors and samples.
// Only tests import it.
package testkit

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"serai/internal/store"
)

// PostgresEnv names the variable with the address of a throwaway PostgreSQL server.
const PostgresEnv = "SERAI_TEST_POSTGRES"

// EachEngine runs fn on an empty database of each engine: SQLite always, PostgreSQL where SERAI_TEST_POSTGRES names a
// server. In CI a missing server fails the run: a test that did not happen must not look like one that passed.
func EachEngine(t *testing.T, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	for _, e := range Engines(t) {
		t.Run(string(e), func(t *testing.T) { fn(t, open(t, e)) })
	}
}

// Engines returns the engines that tests run on.
func Engines(t testing.TB) []store.Engine {
	t.Helper()
	if os.Getenv(PostgresEnv) != "" {
		return []store.Engine{store.SQLite, store.Postgres}
	}
	if os.Getenv("CI") != "" || os.Getenv("SERAI_REQUIRE_POSTGRES") != "" {
		t.Fatalf("%s is not set: run the tests with `make test`, which starts a PostgreSQL server", PostgresEnv)
	}
	return []store.Engine{store.SQLite}
}

// Open opens an empty database of engine e, which is closed and removed with the test.
func open(t testing.TB, e store.Engine) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), NewConfig(t, e))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return db
}

// NewConfig returns the address of an empty database of engine e, removed with the test.
func NewConfig(t testing.TB, e store.Engine) store.Config {
	t.Helper()
	if e == store.Postgres {
		return store.Config{DSN: newPostgres(t)}
	}
	c := store.Config{Path: filepath.Join(t.TempDir(), "serai.db")}
	_, _ = rand.Read(c.Key[:])
	return c
}

// newPostgres makes an empty database on the test server and returns its address.
func newPostgres(t testing.TB) string {
	t.Helper()
	ctx := context.Background()
	base := os.Getenv(PostgresEnv)
	admin, err := pgx.Connect(ctx, base)
	if err != nil {
		t.Fatalf("reach the test PostgreSQL: %v", err)
	}
	defer admin.Close(ctx)
	var b [8]byte
	_, _ = rand.Read(b[:])
	name := "serai_" + hex.EncodeToString(b[:])
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c, err := pgx.Connect(ctx, base)
		if err != nil {
			return
		}
		defer c.Close(ctx)
		_, _ = c.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	})
	return withDatabase(base, name)
}

func withDatabase(dsn, name string) string {
	if u, err := url.Parse(dsn); err == nil && u.Scheme != "" {
		u.Path = "/" + name
		return u.String()
	}
	return dsn + " dbname=" + name // the last one counts in the key=value form
}
