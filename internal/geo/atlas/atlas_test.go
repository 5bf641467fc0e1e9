package atlas

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"serai/internal/geo"
)

var (
	source = flag.String("source", "", "folder of the sources: makes the data files anew")
	into   = flag.String("into", "", "folder to write, with -source")
)

func TestMain(m *testing.M) {
	flag.Parse()
	if code := m.Run(); code != 0 || *source == "" {
		os.Exit(code)
	}
	made, err := Make(os.DirFS(*source))
	if err != nil {
		println(err.Error())
		os.Exit(1)
	}
	for name, content := range made.Contents {
		if err := os.WriteFile(filepath.Join(*into, name), content, 0o644); err != nil {
			println(err.Error())
			os.Exit(1)
		}
	}
	println("without a code:", strings.Join(made.Blank, "; "))
}

// square is an outline of one degree with its south-western corner at a point.
func square(iso3, name, other, west, south, east, north string) string {
	ring := "[" + strings.Join([]string{
		"[" + west + "," + south + "]", "[" + east + "," + south + "]", "[" + east + "," + north + "]", "[" + west + "," + north + "]", "[" + west + "," + south + "]",
	}, ",") + "]"
	return `{"type":"Feature","properties":{"adm0_a3":"` + iso3 + `","name":"` + name + `","gn_name":"` + other + `"},"geometry":{"type":"MultiPolygon","coordinates":[[` + ring + `]]}}`
}

func sources() fstest.MapFS {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return fstest.MapFS{
		"codes/iso_3166-1.json": file(`{"3166-1":[{"alpha_2":"NE","alpha_3":"NER"},{"alpha_2":"MA","alpha_3":"MAR"},{"alpha_2":"EH","alpha_3":"ESH"},{"alpha_2":"TN","alpha_3":"TUN"},{"alpha_2":"EC","alpha_3":"ECU"}]}`),
		"geo/ne_admin1_route_countries.geojson": file(`{"type":"FeatureCollection","features":[` + strings.Join([]string{
			square("NER", "Tillabéri", "Tillaberi Region", "1", "13", "2", "14"),
			square("NER", "Nowhere", "", "3", "13", "4", "14"),
			square("MAR", "Guelmim - Es-Semara", "", "-11", "26", "-10", "29"),
			square("TUN", "Médenine", "Gouvernorat de Medenine", "10", "33", "11", "34"),
			square("TUN", "Béja (nord)", "Gouvernorat de Beja", "9", "36", "10", "37"),
			square("ECU", "Napo", "Provincia del Tungurahua", "-79", "-2", "-78", "-1"),
		}, ",") + `]}`),
		"codes/ocha_global_pcodes_adm1_adm2.csv": file("\ufeffLocation,Admin Level,P-Code,Name,Parent P-Code,Valid from date\n" +
			"#country+code,#geo+admin_level,#adm+code,#adm+name,#adm+code+parent,#date+start\n" +
			"NER,1,NE006,Tillaberi,NER,2020-01-01\nESH,1,EH02,Es Semara,ESH,2021-01-01\nTUN,1,TN5,South East,TUN,\nTUN,2,TN52,Medenine,TN5,\n" +
			"TUN,2,TN21,Beja,TN2,\nECU,1,EC15,Napo,ECU,\nECU,1,EC18,Tungurahua,ECU,\n"),
		"geo/geonames_places_route_countries.csv": file("geonames_id,name,country_iso2,admin_code,feature_code,population,lon,lat\n" +
			"1,Agadez,NE,01,PPLA,124324,7.99111,16.97333\n"),
	}
}

func TestMake(t *testing.T) {
	made, err := Make(sources())
	if err != nil {
		t.Fatal(err)
	}
	want := `iso3,iso2,name,pcode,joined_by
ECU,EC,Tungurahua,EC18,name
ESH,EH,Es Semara,EH02,alias
MAR,MA,Guelmim - Es-Semara,,none
NER,NE,Nowhere,,none
NER,NE,Tillabéri,NE006,name
TUN,TN,Béja (nord),TN2,other
TUN,TN,Médenine,TN5,second
`
	if got := string(made.Contents["admin1.csv"]); got != want {
		t.Errorf("admin1.csv:\n%s\nwant\n%s", got, want)
	}
	if !slices.Equal(made.Blank, []string{"NER Nowhere", "MAR Guelmim - Es-Semara"}) || made.Joined["name"] != 2 {
		t.Errorf("blank %v, joined %v", made.Blank, made.Joined)
	}
	again, err := Make(sources())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range made.Contents {
		if len(content) == 0 || string(again.Contents[name]) != string(content) {
			t.Errorf("%s is empty or differs between two runs", name)
		}
	}
}

func TestTheParallelPartsAnOutline(t *testing.T) {
	regions, err := readRegions(sources(), "geo/ne_admin1_route_countries.geojson")
	if err != nil {
		t.Fatal(err)
	}
	parted := partMorocco(regions)
	if len(parted) != len(regions)+1 {
		t.Fatalf("%d outlines became %d", len(regions), len(parted))
	}
	for _, r := range parted {
		for _, rings := range r.polygons {
			for _, p := range rings[0] {
				if r.iso3 == "ESH" && p[1] > westernSahara || r.iso3 == "MAR" && p[1] < westernSahara {
					t.Errorf("%s %s has a corner at %v", r.iso3, r.name, p)
				}
			}
		}
	}
}

func TestSourcesThatAreWrongAreNamed(t *testing.T) {
	for name, c := range map[string]struct{ file, text, says string }{
		"an outline that is no polygon":   {"geo/ne_admin1_route_countries.geojson", `{"features":[{"geometry":{"type":"Point"}}]}`, "want MultiPolygon"},
		"broken JSON":                     {"codes/iso_3166-1.json", `{`, "iso_3166-1.json"},
		"degrees that are none":           {"geo/geonames_places_route_countries.csv", "name,lat,lon\nx,north,1\n", `degrees "north"`},
		"a country without a code":        {"codes/iso_3166-1.json", `{}`, "no two-letter code"},
		"quotes that do not close in CSV": {"codes/ocha_global_pcodes_adm1_adm2.csv", "Location\n\"x", "ocha_global_pcodes"},
	} {
		t.Run(name, func(t *testing.T) {
			in := sources()
			in[c.file] = &fstest.MapFile{Data: []byte(c.text)}
			if _, err := Make(in); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want it to say %q", err, c.says)
			}
		})
	}
}

// The shipped table must have come from the hand-set aliases as they stand.
func TestAliasesAreInTheShippedTable(t *testing.T) {
	codes, err := readCodes(sources(), "codes/ocha_global_pcodes_adm1_adm2.csv")
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := os.ReadFile("../data/admin1.csv")
	if err != nil {
		t.Fatal(err)
	}
	for key, code := range codes.alias {
		iso3, name, _ := strings.Cut(key, "/")
		if !slices.ContainsFunc(strings.Split(string(shipped), "\n"), func(line string) bool {
			return strings.HasPrefix(line, iso3+",") && strings.Contains(line, name) && (code == "" || strings.Contains(line, ","+code+","))
		}) {
			t.Errorf("%s with code %q is not in admin1.csv", key, code)
		}
	}
	if geo.Fold("Es-Semara") != "semara" {
		t.Error("folding has changed: make the data anew")
	}
}
