package app

import (
	"context"
	"slices"
	"strings"
	"testing"

	"serai/internal/store"
	"serai/internal/testkit"
)

// plainTables never travel and are never rebuilt. Each says why, and what keeps its rows from who may not see them.
var plainTables = map[string]string{
	"store_migration":     "which plain tables are here; nothing of persons",
	"seal_key":            "wrapped keys of persons; opened only for a record that passed its scope",
	"seal_erased":         "who was erased, so that nothing of her is taken again; never answered to anybody",
	"journal_feed":        "the facts themselves; read through projections",
	"journal_fact":        "the facts themselves; read through projections",
	"journal_checkpoint":  "signatures over the facts",
	"journal_node":        "whose signatures are believed",
	"journal_quarantine":  "what could not be processed; for the operator",
	"journal_request":     "answered commands of each actor; read by the actor's own handle",
	"journal_projection":  "which projections are up to date",
	"journal_erased":      "handles of keys that were destroyed, so that what comes late under them is dropped; names nobody",
	"audit_entry":         "looks and refusals, by random handles; read by those who may read the log",
	"audit_handle":        "whose handle is whose, until she is erased",
	"accounts_account":    "credentials of staff; listed in the scope of accounts.read",
	"accounts_grant":      "roles of staff; listed in the scope of accounts.read",
	"accounts_invitation": "keyed hashes of codes; found by their code alone",
	"accounts_device":     "devices; listed in the scope of accounts.enrol",
	"accounts_pin":        "hashes of PINs; read when signing in",
	"accounts_session":    "hashes of tokens; found by their token alone",
	"accounts_device_key": "public keys of staff devices; listed and ended by their own account, or by who governs it",
	"accounts_history":    "what happened to an account; in the scope of accounts.manage",
	"accounts_policy":     "this node's rules of signing in",
	"app_setting":         "this node's settings",
	"jobs_state":          "when this node's own jobs are due; no other node has anything of it",
	"people_unfinished":   "receipts of erasures whose keys are still to be destroyed; name nobody",
	"lists_audio":         "recordings of consent texts, played to the staff of the organisation that spoke them; about nobody",
	"cards_network":       "signed network file of the cards, the same at every member",
	"cards_root":          "roots that the operator pinned",
	"cards_device":        "which device was given which signing key; read for the device itself, and in the scope of accounts.enrol",
	"cards_seen":          "the latest print of each card that was read here, by keyed lineage",
}

// unscoped are projections without a column of organisation or point, each with the reason why no scope is missing.
var unscoped = map[string]string{
	"network_organisation": "the network is nobody's secret",
	"network_route":        "the network is nobody's secret",
	"network_head":         "edits of the network, which is nobody's secret",
	"lists_head":           "edits of the catalogue, which is nobody's secret",
	"lists_row":            "the catalogue is nobody's secret",
	"assist_service":       "services of a contact; read by joining the contact, which has a scope",
	"assist_unmet":         "requests of a contact; read by joining the contact, which has a scope",
	"assist_correction":    "corrections of a contact; read by joining the contact, which has a scope",
	"stock_head":           "edits of marks, items, recipes and wishes; read through rows that have a scope",
	"stock_item":           "the list of items is nobody's secret",
	"stock_line":           "lines of a movement; read by joining the movement, which has a scope",
	"stock_wish_line":      "lines of a wish; read by joining the wish, which has a scope",
	"cards_lineage":        "by a keyed hash that only the holder's card yields; a print, which has a scope, stands behind it",
	"cards_mark":           "marks of cards that no longer count, which every member of the network gets",
	"cards_blank":          "blank cards of a stock, which has a scope",
	"cards_missing":        "cards that are missing; their prints have a scope",
}

func TestEveryTableHasAScopeOrAReason(t *testing.T) {
	t.Parallel()
	for _, e := range testkit.Engines(t) {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, e)
			projected := w.n.Journal.TableNames()
			scoped, excused, plain := 0, 0, 0
			for _, table := range w.tables() {
				columns := w.columns(table)
				switch isProjection := slices.Contains(projected, table); {
				case !isProjection && plainTables[table] == "":
					t.Errorf("%s is neither a projection nor a plain table with a reason", table)
				case !isProjection:
					plain++
				case plainTables[table] != "":
					t.Errorf("%s is listed as a plain table and is a projection", table)
				case hasScope(columns):
					scoped++
				case unscoped[table] == "":
					t.Errorf("%s is a projection without organisation or point (%s), and no reason stands for it", table, strings.Join(columns, ", "))
				default:
					excused++
				}
				// A person's row that no scope guards would be in reach of everybody with an id.
				if slices.ContainsFunc(columns, func(c string) bool { return c == "person" || c == "person_id" }) &&
					slices.Contains(projected, table) && !hasScope(columns) && unscoped[table] == "" {
					t.Errorf("%s names persons and has no scope", table)
				}
			}
			for table := range unscoped {
				if !slices.Contains(projected, table) {
					t.Errorf("%s is excused and is no projection", table)
				}
			}
			for _, name := range projected {
				if !slices.Contains(w.tables(), name) {
					t.Errorf("%s is declared and not in the database", name)
				}
			}
			t.Logf("%d projections with a scope, %d excused, %d plain tables", scoped, excused, plain)
		})
	}
}

func hasScope(columns []string) bool {
	return slices.ContainsFunc(columns, func(c string) bool {
		return slices.Contains([]string{"org", "org_id", "organisation", "point", "point_id", "scope"}, c)
	})
}

// tables lists every table of the database.
func (w *world) tables() (names []string) {
	w.t.Helper()
	w.must(w.n.DB.Read(context.Background(), func(tx *store.Tx) error {
		sql := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`
		if tx.Engine() == store.Postgres {
			sql = `SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY table_name`
		}
		return tx.Each(sql, nil, func(r *store.Row) error {
			names = append(names, "")
			return r.Scan(&names[len(names)-1])
		})
	}))
	return names
}

func (w *world) columns(table string) (names []string) {
	w.t.Helper()
	w.must(w.n.DB.Read(context.Background(), func(tx *store.Tx) (err error) {
		names, err = tx.Columns(table)
		return err
	}))
	return names
}
