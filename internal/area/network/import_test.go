package network_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serai/internal/access"
	"serai/internal/area/network"
	"serai/internal/fact"
	"serai/internal/store"
	"serai/internal/testkit"
)

const (
	orgHead   = "code,name,kind,country\n"
	pointHead = "code,name,kind,mobility,organisation,country,lat,lon,services,languages,hours,beds\n"
	routeHead = "route,name,order,point_or_place,lat,lon,leg_mode,leg_hours\n"
	goodPoint = "NE-X1,Tent,hsp,fixed,NRC,NE,17.1,8.2,water,ha,24/7,\n"
)

// TestNaughtyFiles imports what people and spreadsheets really hand in. What is wanted is file, row, column and code of
// every error and warning, in order.
func TestNaughtyFiles(t *testing.T) {
	tests := []struct {
		name  string
		files network.Files
		want  []string // errors
		warn  []string
		done  network.Tally // of points
	}{
		{"a byte order mark", points("\ufeff" + pointHead + goodPoint), nil, nil, network.Tally{New: 1}},
		{"semicolons", points(strings.ReplaceAll(pointHead, ",", ";") + "NE-X1;Tent;hsp;fixed;NRC;NE;17,1;8,2;water|food;ha|fr;24/7;\n"), nil, nil, network.Tally{New: 1}},
		{"tabs", points(strings.ReplaceAll(pointHead+goodPoint, ",", "\t")), nil, nil, network.Tally{New: 1}},
		{"carriage returns", points(strings.ReplaceAll(pointHead+goodPoint, "\n", "\r\n")), nil, nil, network.Tally{New: 1}},
		{"columns in another order and capitals", points("Lat,LON,Code,Name,Kind,Mobility,Organisation,Country\n17.1,8.2,NE-X1,Tent,hsp,fixed,NRC,NE\n"), nil, nil, network.Tally{New: 1}},
		{"empty rows and empty columns at the end", points(strings.ReplaceAll(pointHead+goodPoint, "\n", ",,\n") + ",,,,,,,,,,,,,\n"), nil, nil, network.Tally{New: 1}},
		{"Latin-1", points(pointHead + "NE-X1,Abri d'\xe9t\xe9,hsp,fixed,NRC,NE,17.1,8.2,,,,\n"), nil, []string{"points 0  network.file_latin1"}, network.Tally{New: 1}},
		{"UTF-16", points("\xff\xfec\x00o\x00"), []string{"points 0  network.file_utf16"}, nil, network.Tally{}},
		{"a spreadsheet instead of its CSV", points("PK\x03\x04\x00\x00"), []string{"points 0  network.file_binary"}, nil, network.Tally{}},
		{"nothing at all", points(""), []string{"points 0  network.file_empty"}, nil, network.Tally{}},
		{"a missing column", points("code,name,kind,mobility,organisation,country,lat\n"), []string{"points 1 lon network.missing_column"}, nil, network.Tally{}},
		{"an unknown column", points(strings.Replace(pointHead, "beds", "betten", 1) + goodPoint), []string{"points 1  network.unknown_column"}, nil, network.Tally{}},
		{"a column twice", points(strings.Replace(pointHead, "beds", "hours", 1) + goodPoint), []string{"points 1 hours network.doubled_column"}, nil, network.Tally{}},
		{"a row with too few cells", points(pointHead + "NE-X1,Tent,hsp\n" + goodPoint), []string{"points 2  network.cells"}, nil, network.Tally{}},
		{"a quotation mark that never closes", points(pointHead + goodPoint + "NE-X2,\"Tent,hsp\n"), []string{"points 3  network.bad_quotes"}, nil, network.Tally{}},
		{"line breaks in a cell do not shift the rows that are named", points(pointHead + "NE-X1,\"Te\nnt\",hsp,fixed,NRC,NE,17.1,8.2,,,,\nNE-X2,Tent,palace,fixed,NRC,NE,17.1,8.2,,,,\n"),
			[]string{"points 2 name network.bad_text", "points 3 kind network.unknown_word"}, nil, network.Tally{}},
		{"a formula", points(pointHead + "NE-X1,\"=HYPERLINK(\"\"x\"\")\",hsp,fixed,NRC,NE,17.1,8.2,,,,\n" + "NE-X2,@SUM,hsp,fixed,NRC,NE,-17.1,-8.2,,,,\n"),
			[]string{"points 2 name network.formula", "points 2 name network.missing", "points 3 name network.formula", "points 3 name network.missing"}, nil, network.Tally{}},
		{"a formula that says it is text", points(pointHead + "NE-X1,'+41 tent,hsp,fixed,NRC,NE,17.1,8.2,,,,\n"), nil, nil, network.Tally{New: 1}},
		{"a code twice", points(pointHead + goodPoint + goodPoint), []string{"points 3 code network.doubled_code"}, nil, network.Tally{}},
		{"an unknown organisation", points(pointHead + strings.Replace(goodPoint, "NRC", "XYZ", 1)), []string{"points 2 organisation network.unknown_organisation"}, nil, network.Tally{}},
		{"an unknown service", points(pointHead + strings.Replace(goodPoint, "water", "gold", 1)), []string{"points 2 services network.unknown_service"}, nil, network.Tally{}},
		{"latitude and longitude out of range", points(pointHead + "NE-X1,Tent,hsp,fixed,NRC,NE,97.1,-188.2,,,,\n"), []string{"points 2 lat network.out_of_range", "points 2 lon network.out_of_range"}, nil, network.Tally{}},
		{"half a position", points(pointHead + "NE-X1,Tent,hsp,fixed,NRC,NE,17.1,,,,,\n"), []string{"points 2 lat network.half_position"}, nil, network.Tally{}},
		{"no number", points(pointHead + "NE-X1,Tent,hsp,mobile,NRC,NE,north,NaN,,,,many\n"), []string{"points 2 lat network.bad_number", "points 2 lon network.bad_number", "points 2 beds network.bad_number"}, nil, network.Tally{}},
		{"bad hours", points(pointHead + strings.Replace(goodPoint, "24/7", "Mo-Fr 8 to 5", 1)), []string{"points 2 hours hours.syntax"}, nil, network.Tally{}},
		{"a position in another country", points(pointHead + "NE-X1,Tent,hsp,fixed,NRC,NE,32.88743,13.18733,,,,\n"), nil, []string{"points 2 country network.place_elsewhere"}, network.Tally{New: 1}},
		{"several faults of a row at once", points(pointHead + "ne x,,palace,flying,NRC,Niger,17.1,8.2,,deutsch,,-5\n"),
			[]string{"points 2 code network.bad_code", "points 2 name network.missing", "points 2 kind network.unknown_word", "points 2 mobility network.unknown_word",
				"points 2 country network.bad_country", "points 2 languages network.bad_language", "points 2 beds network.out_of_range"}, nil, network.Tally{}},
		{"an authority that would become a partner", network.Files{Organisations: []byte(orgHead + "DGPC,General Directorate for Civil Protection,partner,NE\n")},
			[]string{"organisations 2 kind network.authority_fixed"}, nil, network.Tally{}},
		{"a point of another organisation", points(pointHead + "NE-AGZ,Agadez service point,hsp,fixed,MRC,NE,16.97333,7.99111,,,,\n"), []string{"points 2 organisation network.organisation_fixed"}, nil, network.Tally{}},
		{"a state that a file cannot change", points("code,name,kind,mobility,organisation,country,lat,lon,state\nNE-AGZ,Agadez service point,hsp,fixed,NRC,NE,16.97333,7.99111,closed\n"),
			nil, []string{"points 2 state network.state_kept"}, network.Tally{Same: 1}},
		{"a route with a hole", network.Files{Routes: []byte(routeHead + "x-y,X to Y,1,NE-AGZ,,,,\nx-y,X to Y,3,Aden,12.8,45.0,foot,9\n")}, []string{"routes 3 order network.bad_order"}, nil, network.Tally{}},
		{"a route to a point that nobody knows", network.Files{Routes: []byte(routeHead + "x-y,X to Y,1,NE-AGZ,,,,\nx-y,X to Y,2,NE-AGX,,,foot,9\n")},
			[]string{"routes 3 point_or_place network.unknown_point", "routes 3 lat network.missing"}, nil, network.Tally{}},
		{"a route of one stop, without a way", network.Files{Routes: []byte(routeHead + "x-y,X to Y,1,NE-AGZ,,,foot,5\n")}, []string{"routes 2 leg_mode network.first_leg", "routes 2 order network.route_short"}, nil, network.Tally{}},
		{"a leg by broom", network.Files{Routes: []byte(routeHead + "x-y,X to Y,1,NE-AGZ,,,,\nx-y,X to Z,2,Aden,12.8,45.0,broom,0\n")},
			[]string{"routes 3 name network.two_names", "routes 3 leg_mode network.unknown_word", "routes 3 leg_hours network.out_of_range"}, nil, network.Tally{}},
	}
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		p := newPlace(t, db).withDemo(t)
		before, err := p.Journal.Dump(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				got, err := p.Import(context.Background(), admin, test.files, true)
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(test.want, told(got.Errors)); d != "" {
					t.Errorf("errors (-want +got):\n%s", d)
				}
				if d := cmp.Diff(test.warn, told(got.Warnings)); d != "" {
					t.Errorf("warnings (-want +got):\n%s", d)
				}
				for _, r := range append(got.Errors, got.Warnings...) {
					if len(r.Detail) < 10 || strings.Contains(r.Detail, "%!") {
						t.Errorf("%s: a poor detail", r)
					}
				}
				if test.want == nil && got.Points != test.done {
					t.Errorf("points %+v, want %+v", got.Points, test.done)
				}
				if test.want != nil { // for real now: nothing is half-imported
					if got, err := p.Import(context.Background(), admin, test.files, false); err != nil || got.Done {
						t.Errorf("it was imported all the same: %v", err)
					}
				}
			})
		}
		after, err := p.Journal.Dump(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(before, after); d != "" {
			t.Errorf("something was left behind:\n%s", d)
		}
	})
}

func points(content string) network.Files { return network.Files{Points: []byte(content)} }

func told(all []network.Remark) []string {
	var out []string
	for _, r := range all {
		out = append(out, fmt.Sprintf("%s %d %s %s", r.File, r.Row, r.Column, r.Code))
	}
	return out
}

func TestAnExportImportsUnchanged(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		p := newPlace(t, db).withDemo(t)
		ctx := context.Background()
		// A name that a spreadsheet would run, a single service of a family, and hours of its own.
		services := []network.PointService{{Code: "hygiene_kit", Hours: "Mo 08:00-09:00"}, {Code: "water"}}
		if err := p.EditPoint(ctx, manager, fact.FactID{}, agz, network.PointEdit{Name: ptr(`=1+1, "quoted"`), Services: &services, Busy: ptr("Mo 08:00-11:00")}); err != nil {
			t.Fatal(err)
		}
		for _, who := range []access.Actor{admin, captain} {
			var files network.Files
			for name, into := range map[string]*[]byte{"organisations.csv": &files.Organisations, "points.csv": &files.Points, "routes.csv": &files.Routes} {
				var err error
				if *into, err = p.Export(ctx, who, name); err != nil {
					t.Fatal(err)
				}
			}
			if bytes.Contains(files.Points, []byte(",=")) || bytes.Contains(files.Points, []byte(`"=`)) || !bytes.Contains(files.Points, []byte(`'=1+1`)) {
				t.Errorf("a cell would be run: %s", files.Points)
			}
			if ours := bytes.Contains(files.Points, []byte("sea,IFRC-SEA,,34.2,13.5")); ours != (who.Handle == captain.Handle) {
				t.Errorf("%s: the ship's position is in the export: %v", who.Name, ours)
			}
			got, err := p.Import(ctx, admin, files, false)
			if err != nil || len(got.Errors) > 0 {
				t.Fatalf("%v %v", err, got.Errors)
			}
			if got.Organisations != (network.Tally{Same: 22}) || got.Points != (network.Tally{Same: 32}) || got.Routes != (network.Tally{Same: 8}) {
				t.Errorf("it changes something: %+v", got)
			}
		}
	})
}

func TestAChangedRowChangesOnlyWhatItSpeaksOf(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		p := newPlace(t, db).withDemo(t)
		ctx := context.Background()
		if err := p.EditPoint(ctx, manager, fact.FactID{}, agz, network.PointEdit{Visibility: ptr("coarse"), WomenHours: ptr("Tu 14:00-16:00")}); err != nil {
			t.Fatal(err)
		}
		before, err := p.Point(ctx, admin, agz)
		if err != nil {
			t.Fatal(err)
		}
		file := points("code,name,kind,mobility,organisation,country,lat,lon\nNE-AGZ,Agadez gate,hsp,fixed,NRC,NE,16.97333,7.99111\n")
		if got, err := p.Import(ctx, manager, file, false); err != nil || got.Points.Changed != 1 {
			t.Fatalf("%v %+v", err, got)
		}
		after, err := p.Point(ctx, admin, agz)
		if err != nil {
			t.Fatal(err)
		}
		if after.Name != "Agadez gate" || after.Visibility != "coarse" || after.WomenHours == "" || len(after.Services) != len(before.Services) {
			t.Errorf("got %+v", after)
		}
		for field, heads := range after.Heads {
			if same := slices.Equal(heads, before.Heads[field]); same == (field == "name") {
				t.Errorf("%s: edited %v", field, !same)
			}
		}
		if got, err := p.Import(ctx, actor(9, access.ProgrammeManager, fact.OrgByCode("MRC"), fact.PointID{}), file, false); err != nil || len(got.Errors) > 0 {
			t.Errorf("what is the same needs no right: %v %v", err, got.Errors)
		}
		other := points(strings.Replace(string(file.Points), "gate", "wall", 1))
		got, err := p.Import(ctx, actor(9, access.ProgrammeManager, fact.OrgByCode("MRC"), fact.PointID{}), other, false)
		if err != nil || len(got.Errors) != 1 || got.Errors[0].Code != "network.not_yours" {
			t.Errorf("another Society's manager changes it: %v %v", err, got.Errors)
		}
		p.RebuildsAlike(t)
	})
}

// TestTwoNodesThatImportOneFileAgree compares their tables but for stamps and actors: ids, numbers, edits are the same,
// whatever the order of rows and whenever it was imported.
func TestTwoNodesThatImportOneFileAgree(t *testing.T) {
	var dumps []map[string][]string
	for i, shuffle := range []bool{false, true} {
		db, err := store.Open(context.Background(), testkit.NewConfig(t, store.SQLite))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		p := newPlace(t, db)
		p.Clock.Add(time.Duration(i) * 40 * 24 * time.Hour)
		files, err := network.ReadFiles(network.DemoNetwork)
		if err != nil {
			t.Fatal(err)
		}
		if shuffle {
			files.Points = backwards(files.Points)
		}
		if got, err := p.Import(context.Background(), admin, files, false); err != nil || !got.Done {
			t.Fatalf("%v %v", err, got.Errors)
		}
		dump := map[string][]string{}
		for table, columns := range map[string]string{"network_point": "point, number, record", "network_organisation": "organisation, number, record",
			"network_route": "route, record", "network_head": "subject, field, fact, value, replaced"} {
			p.read(t, func(tx *store.Tx) error {
				return tx.Each(`SELECT `+columns+` FROM `+table, nil, func(r *store.Row) error {
					dump[table] = append(dump[table], fmt.Sprintf("%#v", r.Values()))
					return nil
				})
			})
			slices.Sort(dump[table])
		}
		dumps = append(dumps, dump)
	}
	if d := cmp.Diff(dumps[0], dumps[1]); d != "" {
		t.Errorf("they differ:\n%s", d)
	}
}

func backwards(content []byte) []byte {
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	slices.Reverse(lines[1:])
	return []byte(strings.Join(lines, "\n"))
}

func TestAShipsPositionStaysWithItsOrganisation(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		p := newPlace(t, db).withDemo(t)
		err := p.PlanPosition(context.Background(), captain, fact.FactID{}, ov, network.Position{Lat: 33.25, Lon: 12.75}, p.Clock.Now(), p.Clock.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		// 34.2 and 13.5 of the file, 33.25 and 12.75 of the plan, as they stand in CBOR.
		for _, degrees := range []float64{34.2, 13.5, 33.25, 12.75} {
			bits, err := fact.Encode(degrees)
			if err != nil {
				t.Fatal(err)
			}
			open, own := 0, 0
			p.read(t, func(tx *store.Tx) error {
				return tx.Each(`SELECT d.scope, f.opened FROM journal_fact f JOIN journal_feed d ON d.feed = f.feed`, nil, func(r *store.Row) error {
					var scope string
					var body []byte
					if err := r.Scan(&scope, &body); err != nil {
						return err
					}
					if bytes.Contains(body, bits) {
						if scope == string(fact.ScopeOpen) {
							open++
						} else {
							own++
						}
					}
					return nil
				})
			})
			if open != 0 || own == 0 {
				t.Errorf("%v degrees stand %d times in the open feed and %d times in the organisation's", degrees, open, own)
			}
		}
		routes, err := p.RouteList(context.Background(), admin, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range routes {
			for _, leg := range r.Legs {
				if leg.Point != nil && leg.Point.Code == "SEA-OV" && leg.Lat != nil {
					t.Errorf("route %s tells where the ship is", r.Code)
				}
			}
		}
	})
}

func TestAFolderWithoutFilesIsRefused(t *testing.T) {
	empty, err := fs.Sub(network.DemoNetwork, ".")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := network.ReadFiles(empty); err != nil {
		t.Errorf("the demo has files: %v", err)
	}
	_, err = network.ReadFiles(none{})
	wantCode(t, err, "network.no_files")
}

type none struct{}

func (none) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// many are n points in a row of cells.
func many(n int) network.Files {
	var b strings.Builder
	b.WriteString(pointHead)
	for i := range n {
		fmt.Fprintf(&b, "NE-%05d,Tent %d,hsp,fixed,NRC,NE,%.3f,8.2,water,ha,24/7,\n", i, i, 13+float64(i%4000)/1000)
	}
	return points(b.String())
}

func TestAnImportThatIsCutLeavesWholeRecordsAndIsBroughtToItsEnd(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		p := newPlace(t, db).withDemo(t)
		ctx, stop := context.WithCancel(context.Background())
		steps, reached := 0, 0
		_, err := p.ImportTold(ctx, admin, many(1500), false, func(done, all int) {
			if steps, reached = steps+1, done; all != 1500 || done > 1000 {
				t.Errorf("step %d: %d of %d", steps, done, all)
			}
			stop()
		})
		wantCode(t, err, "network.import_cut")
		if steps != 1 || reached == 0 || !strings.Contains(err.Error(), fmt.Sprintf("%d of 1500 records", reached)) {
			t.Errorf("after %d steps, %d records: %v", steps, reached, err)
		}
		files := many(1500)
		got, err := p.Import(context.Background(), admin, files, false)
		if err != nil || !got.Done || got.Points != (network.Tally{New: 1500 - reached, Same: reached}) {
			t.Errorf("the same files again: %v %+v", err, got.Points)
		}
		if got, err = p.Import(context.Background(), admin, files, false); err != nil || got.Points != (network.Tally{Same: 1500}) {
			t.Errorf("a third time: %v %+v", err, got.Points)
		}
	})
}

func TestAPointMadeDuringAnImportIsNotMadeTwice(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		p := newPlace(t, db).withDemo(t)
		ctx := context.Background()
		// Of the points that are not written yet, the desk makes one. Which are written first is the matter of ids.
		made := ""
		got, err := p.ImportTold(ctx, admin, many(1200), false, func(done, _ int) {
			if made != "" || done == 1200 {
				return
			}
			there := map[string]bool{}
			p.read(t, func(tx *store.Tx) error {
				return tx.Each(`SELECT code FROM network_point`, nil, func(r *store.Row) error {
					var code string
					err := r.Scan(&code)
					there[code] = true
					return err
				})
			})
			for i := range 1200 {
				if code := fmt.Sprintf("NE-%05d", i); made == "" && !there[code] {
					made = code
				}
			}
			var id fact.PointID
			if err := id.UnmarshalBinary(fact.NewPersonID(p.Clock.Now()).Bytes()); err != nil {
				t.Fatal(err)
			}
			if _, err := p.AddPoint(ctx, admin, id, made, fact.OrgByCode("NRC"), network.Open, network.PointEdit{
				Name: ptr("From the desk"), Kind: ptr("hsp"), Mobility: ptr("fixed"), Country: ptr("NE"), Position: &network.Position{Lat: 13, Lon: 8}}); err != nil {
				t.Error(err)
			}
		})
		if err != nil || !got.Done || made == "" {
			t.Fatalf("%v %+v, made %q", err, got, made)
		}
		p.read(t, func(tx *store.Tx) error {
			codes, numbers := map[string]int{}, map[int64]int{}
			err := tx.Each(`SELECT code, number FROM network_point`, nil, func(r *store.Row) error {
				var code string
				var number int64
				err := r.Scan(&code, &number)
				codes[code]++
				numbers[number]++
				return err
			})
			if len(codes) != 1232 || len(numbers) != 1232 || codes[made] != 1 {
				t.Errorf("%d codes, %d numbers, %d times %s", len(codes), len(numbers), codes[made], made)
			}
			return err
		})
	})
}

func TestARequestWithOtherFilesIsRefusedBeforeItWrites(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, db *store.DB) {
		p := newPlace(t, db).withDemo(t)
		ask := func(hash byte, n int) (network.Imported, error) {
			return p.Import(fact.WithRequest(context.Background(), fact.Request{Key: "k", Hash: [32]byte{hash}}), admin, many(n), false)
		}
		if got, err := ask(1, 3); err != nil || !got.Done {
			t.Fatal(err)
		}
		if got, err := ask(1, 3); err != nil || !got.Done || got.Points != (network.Tally{Same: 3}) {
			t.Errorf("once more: %v %+v", err, got)
		}
		_, err := ask(2, 9)
		wantCode(t, err, "web.key_reused")
		p.read(t, func(tx *store.Tx) error {
			var n int
			if _, err := tx.One(`SELECT count(*) FROM network_point`, nil, &n); err != nil || n != 35 {
				t.Errorf("%d points, %v", n, err)
			}
			return nil
		})
	})
}

// BenchmarkImport imports 50,000 points into an empty node, and once more.
func BenchmarkImport(b *testing.B) {
	var file bytes.Buffer
	file.WriteString("code,name,kind,mobility,organisation,country,lat,lon,services,languages,hours,beds,basis\n")
	for i := range 50_000 {
		fmt.Fprintf(&file, "NE-%05d,Service point number %d,hsp,fixed,NRC,NE,%.5f,%.5f,information;water;first_aid;family_links,ha;fr;ar,Mo-Su 08:00-18:00,%d,illustration\n",
			i, i, 13+float64(i%600)/100, 2+float64(i/600)/10, i%50)
	}
	for b.Loop() {
		db, err := store.Open(context.Background(), testkit.NewConfig(b, store.SQLite))
		if err != nil {
			b.Fatal(err)
		}
		p := newPlace(b, db).withDemo(b)
		for _, what := range []string{"first", "again"} {
			begin := time.Now()
			last, longest := begin, time.Duration(0)
			got, err := p.ImportTold(context.Background(), admin, points(file.String()), false, func(done, _ int) {
				if done > 1000 { // before the first stretch all rows are read, while others write
					longest = max(longest, time.Since(last))
				}
				last = time.Now()
			})
			if err != nil || !got.Done {
				b.Fatal(err, got.Errors[:min(3, len(got.Errors))])
			}
			b.ReportMetric(time.Since(begin).Seconds(), what+"-s")
			b.ReportMetric(longest.Seconds(), what+"-longest-s")
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
