package geo

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // every zone must exist in the database that a binary carries

	"pgregory.net/rapid"
)

// table reads a CSV file of testdata without its header; the last two columns are latitude and longitude.
func table(t *testing.T, name string) (rows [][]string, at []spot) {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines[1:] {
		lat, err1 := strconv.ParseFloat(l[len(l)-2], 64)
		lon, err2 := strconv.ParseFloat(l[len(l)-1], 64)
		if err1 != nil || err2 != nil {
			t.Fatalf("%s: %v", name, l)
		}
		rows, at = append(rows, l), append(at, spot{lat, lon})
	}
	return rows, at
}

// Who changes the data must change Version, since derived places carry it.
func TestVersionNamesTheData(t *testing.T) {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(admin1CSV), []byte(seatsCSV), outlinesGzip} {
		h.Write(part)
	}
	const want = "2026.1 276826ff28daa0a7"
	if got := Version + " " + hex.EncodeToString(h.Sum(nil)[:8]); got != want {
		t.Errorf("the data are %q, the test knows %q: change Version and this line together", got, want)
	}
	if n := len(admin1CSV) + len(seatsCSV) + len(outlinesGzip) + len(placesGzip) + len(extraCSV); n > 1_200_000 {
		t.Errorf("%d bytes are compiled in, at most 1,200,000 are meant", n)
	}
}

// Every point of the demo network, codes checked by hand against OCHA's list.
func TestPointsOfTheNetwork(t *testing.T) {
	rows, at := table(t, "points.csv")
	if len(rows) != 32 {
		t.Fatalf("%d points", len(rows))
	}
	for i, r := range rows {
		code, country, pcode, zone := r[0], r[1], r[2], r[3]
		t.Run(code, func(t *testing.T) {
			p, ok := Derive(at[i].lat, at[i].lon)
			switch code {
			case "SEA-OV":
				if ok || p.Country != "" || p.PCode != "" || p.Admin1 != "" {
					t.Errorf("a ship at sea is in %+v", p)
				}
			case "CO-IPI":
				// Its coordinates carry the longitude of Tulcán, two kilometres inside Ecuador: the record has to help.
				if !ok || p.Country != "EC" || !slices.Contains(p.Beside, "CO") {
					t.Errorf("derived %+v", p)
				}
				if p, ok = DeriveIn(country, at[i].lat, at[i].lon); !ok || p.Country != country || p.PCode != pcode {
					t.Errorf("in Colombia it is %+v", p)
				}
			default:
				if !ok || p.Country != country || p.PCode != pcode || p.ISO3 == "" || p.Admin1 == "" {
					t.Errorf("derived %+v, want %s %s", p, country, pcode)
				}
				if in, ok := DeriveIn(country, at[i].lat, at[i].lon); !ok || in.PCode != pcode {
					t.Errorf("in its country it is %+v", in)
				}
			}
			if p.Version != Version {
				t.Error("a place carries the version of the data")
			}
			if got := Zone(country, at[i].lat, at[i].lon); got != zone {
				t.Errorf("zone %s, want %s", got, zone)
			}
		})
	}
}

// One town for each first-level code, joined by another way than the outlines were: OCHA's name of the second-level
// division equals GeoNames' name of the town. A few of these are other towns of the same name, so not all can agree.
func TestTownsAgreeWithTheirCodes(t *testing.T) {
	rows, at := table(t, "towns.csv")
	agree, blank := 0, 0
	for i, r := range rows {
		p, ok := DeriveIn(r[0], at[i].lat, at[i].lon)
		switch {
		case ok && p.PCode == r[1]:
			agree++
		case ok && p.PCode == "":
			blank++
		default:
			t.Logf("%s in %s: %s, by its name %s", r[2], r[0], p.PCode, r[1])
		}
	}
	if agree*100 < 97*(len(rows)-blank) {
		t.Errorf("%d of %d towns agree, %d are blank", agree, len(rows), blank)
	}
}

func TestDerive(t *testing.T) {
	for name, c := range map[string]struct {
		lat, lon       float64
		country, pcode string
	}{
		"Ménaka was parted from Gao":                    {15.918, 2.402, "ML", "ML10"},
		"the desert between Gao and Ménaka has no code": {16.200, 1.300, "ML", ""},
		"Bangui is outside the countries of the data":   {4.390, 18.558, "", ""},
		"Rome is outside":                               {41.9, 12.5, "", ""},
		"the open Atlantic is at sea":                   {15, -25, "", ""},
		"a quay counts as ashore":                       {36.806, 10.297, "TN", "TN1"},
		"ten kilometres off Zarzis is at sea":           {33.504, 11.260, "", ""},
		"Tena is in Napo, whatever the source says":     {-0.994, -77.813, "EC", "EC15"},
		"Ambato is in Tungurahua":                       {-1.249, -78.617, "EC", "EC18"},
		"Asmara is in Maekel":                           {15.338, 38.931, "ER", "ER2"},
		"Massawa is on the northern Red Sea":            {15.609, 39.450, "ER", "ER3"},
		"Dakhla is in Western Sahara":                   {23.715, -15.937, "EH", "EH04"},
		"Smara is in Western Sahara":                    {26.738, -11.672, "EH", "EH02"},
		"Tarfaya is in Morocco, without a code":         {27.939, -12.926, "MA", ""},
		"Socotra is not Hadramawt":                      {12.650, 54.020, "YE", "YE32"},
		"Tamanrasset":                                   {22.785, 5.523, "DZ", "DZ041"},
		"Geneina":                                       {13.453, 22.447, "SD", "SD04"},
		"Aden":                                          {12.779, 45.037, "YE", "YE24"},
	} {
		t.Run(name, func(t *testing.T) {
			p, ok := Derive(c.lat, c.lon)
			if ok != (c.country != "") || p.Country != c.country || p.PCode != c.pcode {
				t.Errorf("got %+v", p)
			}
		})
	}
	for name, c := range map[string]spot{
		"not a number": {math.NaN(), 5}, "beyond the pole": {91, 5}, "beyond the date line": {5, 181}, "infinite": {5, math.Inf(1)},
	} {
		t.Run(name, func(t *testing.T) {
			if p, ok := Derive(c.lat, c.lon); ok || p.Country != "" {
				t.Errorf("got %+v", p)
			}
			if _, _, ok := Nearest(c.lat, c.lon); ok {
				t.Error("something is nearest to nowhere")
			}
		})
	}
	if _, ok := DeriveIn("CO", 16.97, 7.99); ok {
		t.Error("Agadez is not in Colombia")
	}
	if p, ok := Derive(13.46648, 22.19875); !ok || !slices.Equal(p.Beside, []string{"SD"}) {
		t.Errorf("Adré stands beside Sudan: %+v", p)
	}
	if got := Countries(); len(got) != 29 || !slices.Contains(got, "EH") {
		t.Errorf("%d countries: %v", len(got), got)
	}
}

func TestDataAreSound(t *testing.T) {
	regions := outlines()
	if len(regions) != 721 {
		t.Errorf("%d outlines; 718 of the source, two parted at 27.667 N, Socotra", len(regions))
	}
	coded, seats := 0, 0
	for i := range regions {
		r := &regions[i]
		if r.name == "" || len(r.iso2) != 2 || len(r.iso3) != 3 || len(r.rings) == 0 {
			t.Errorf("%+v", r)
		}
		if r.pcode != "" {
			coded++
		}
		for _, ring := range r.rings {
			if len(ring) < 3 {
				t.Errorf("%s has a ring of %d corners", r.name, len(ring))
			}
		}
		for _, s := range r.seats {
			seats++
			if !r.holds(s.spot) {
				t.Errorf("the seat of %s at %v lies outside %s", s.code, s.spot, r.name)
			}
		}
	}
	if coded != 704 {
		t.Errorf("%d outlines have a code", coded)
	}
	if lines := strings.Count(seatsCSV, "\n") - 1; seats != lines {
		t.Errorf("%d of %d seats belong to an outline", seats, lines)
	}
}

func TestDistance(t *testing.T) {
	for name, c := range map[string]struct {
		a, b spot
		km   float64
	}{
		"nowhere":            {spot{16.97, 7.99}, spot{16.97, 7.99}, 0},
		"a degree of north":  {spot{0, 0}, spot{1, 0}, 111.195},
		"half the earth":     {spot{0, 0}, spot{0, 180}, 20015.115},
		"Agadez to Tripoli":  {spot{16.97333, 7.99111}, spot{32.88743, 13.18733}, 1844.7},
		"over the date line": {spot{0, 179.5}, spot{0, -179.5}, 111.195},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Distance(c.a.lat, c.a.lon, c.b.lat, c.b.lon); math.Abs(got-c.km) > 0.5 {
				t.Errorf("got %.3f km, want %.3f", got, c.km)
			}
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		at := func(n string) spot {
			return spot{rapid.Float64Range(-90, 90).Draw(t, n), rapid.Float64Range(-180, 180).Draw(t, n)}
		}
		a, b, c := at("a"), at("b"), at("c")
		ab, ba := Distance(a.lat, a.lon, b.lat, b.lon), Distance(b.lat, b.lon, a.lat, a.lon)
		around := Distance(a.lat, a.lon, c.lat, c.lon) + Distance(c.lat, c.lon, b.lat, b.lon)
		if math.Abs(ab-ba) > 1e-6 || ab > around+1e-6 || ab > 20016 || math.IsNaN(ab) {
			t.Fatalf("%v, %v, around %v", ab, ba, around)
		}
	})
}

func TestZones(t *testing.T) {
	for name, c := range map[string]struct {
		country  string
		lat, lon float64
		want     string
	}{
		"the record's country wins":        {"CO", 0.82501, -77.71729, "America/Bogota"},
		"without one the point decides":    {"", 16.97, 7.99, "Africa/Niamey"},
		"at sea":                           {"", 34.2, 13.5, Sea},
		"the Galápagos are an hour behind": {"EC", -0.74, -90.31, "Pacific/Galapagos"},
		"the Canaries are an hour behind":  {"ES", 28.1, -15.4, "Atlantic/Canary"},
		"South Sudan by its record":        {"SS", 4.85, 31.6, "Africa/Juba"},
		"Tapachula":                        {"MX", 14.9, -92.26, "America/Mexico_City"},
		"an unknown country":               {"ZZ", 0, 0, Sea},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Zone(c.country, c.lat, c.lon); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	known := map[string]float64{}
	for _, r := range countryZones {
		if _, err := time.LoadLocation(r.zone); err != nil {
			t.Errorf("%s: %v", r.country, err)
		}
		if before, again := known[r.country]; !again && r.east != -180 || again && r.east <= before {
			t.Errorf("%s: rows run from west to east, the first from -180", r.country)
		}
		known[r.country] = r.east
	}
	for _, c := range Countries() {
		if _, ok := known[c]; !ok {
			t.Errorf("%s has outlines and no zone", c)
		}
	}
}

func TestNames(t *testing.T) {
	for name, c := range map[string]struct{ in, country, want, of string }{
		"a place of the routes at sea's edge": {"Lampedusa", "", "Lampedusa", "IT"},
		"an article more":                     {"El Geneina", "", "Geneina", "SD"},
		"a plain name":                        {"Tamanrasset", "", "Tamanrasset", "DZ"},
		"not a part of a longer name":         {"Aden", "", "Aden", "YE"},
		"without marks, in small letters":     {"necocli", "", "Necoclí", "CO"},
		"a place GeoNames' extract lacks":     {"Dirkou", "NE", "Dirkou", "NE"},
		"the most populous of a name":         {"Tripoli", "", "Tripoli", "LY"},
		"the one of a country":                {"San José", "PA", "San José", "PA"},
	} {
		t.Run(name, func(t *testing.T) {
			if p, ok := Lookup(c.in, c.country); !ok || p.Name != c.want || p.Country != c.of {
				t.Errorf("got %+v", p)
			}
		})
	}
	if p, ok := Lookup("Atlantis", ""); ok {
		t.Errorf("found %+v", p)
	}
	got := Search("aga", "", 3)
	if len(got) != 3 || got[1].Name != "Agadez" || got[0].Population < got[1].Population {
		t.Errorf("aga: %+v", got)
	}
	if got := Search("gao", "", 5); len(got) == 0 || got[0].Name != "Gao" {
		t.Errorf("an exact name comes first: %+v", got)
	}
	if got := Search("san", "GT", 1000); slices.ContainsFunc(got, func(n Named) bool { return n.Country != "GT" }) || len(got) == 0 {
		t.Error("a search in a country leaves it")
	}
	if Search(" ", "", 5) != nil || Search("a", "", 0) != nil {
		t.Error("an empty search finds something")
	}
	if n, km, ok := Nearest(16.982, 7.978); !ok || n.Name != "Agadez" || km > 3 {
		t.Errorf("nearest is %+v at %.1f km", n, km)
	}
	if n, km, ok := Nearest(35.5, 12.6); !ok || n.Name != "Lampedusa" || km > 3 {
		t.Errorf("nearest is %+v at %.1f km", n, km)
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"El Geneïna": "geneina", "N'Djamena": "ndjamena", "Ta`izz": "taizz", "Štip": "stip", "Ngöbe-Buglé": "ngobe bugle",
		"Al-Qaḍārif": "qadarif", "  São  Tomé ": "sao tome", "El": "el", "": "", "أغاديس": "اغاديس", "Straße": "strasse",
	} {
		if got := Fold(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		if s := Fold(rapid.String().Draw(t, "name")); Fold(s) != s {
			t.Fatalf("%q folds on to %q", s, Fold(s))
		}
	})
}

func BenchmarkDerive(b *testing.B) {
	for b.Loop() {
		Derive(16.97, 7.99)
	}
}

func BenchmarkNearest(b *testing.B) {
	for b.Loop() {
		Nearest(16.97, 7.99)
	}
}
