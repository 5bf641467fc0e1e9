package atlas

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strings"
)

// point is a longitude and latitude in thousandths of a degree, the precision of the source.
type point [2]int32

// misnamed corrects regions that carry the name of another in the source. The towns inside show it: Ambato lies in the
// outline named Napo, Tena in the one named Tungurahua, Massawa in "Debub", Mendefera in "Maekel", Keren in "Semenawi Keyih
// Bahri", Asmara in "Anseba".
var misnamed = map[string]string{
	"ECU/Napo": "Tungurahua", "ECU/Tungurahua": "Napo",
	"ERI/Anseba": "Maekel", "ERI/Debub": "Semenawi Keyih Bahri", "ERI/Maekel": "Debub", "ERI/Semenawi Keyih Bahri": "Anseba",
}

// region is one first-level division: polygons of rings, the first ring of each the outer one, none closed.
type region struct {
	iso3, name, other string // other: the name that the source took from GeoNames
	polygons          [][][]point
	pcode, how        string
}

func readISO(source fs.FS, path string) (map[string]string, error) {
	var doc struct {
		Entries []struct {
			Alpha2 string `json:"alpha_2"`
			Alpha3 string `json:"alpha_3"`
		} `json:"3166-1"`
	}
	raw, err := fs.ReadFile(source, path)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	out := map[string]string{}
	for _, e := range doc.Entries {
		out[e.Alpha3] = e.Alpha2
	}
	return out, nil
}

func readRegions(source fs.FS, path string) ([]region, error) {
	var doc struct {
		Features []struct {
			Properties struct {
				ISO3  string `json:"adm0_a3"`
				Name  string `json:"name"`
				Other string `json:"gn_name"`
			} `json:"properties"`
			Geometry struct {
				Type        string           `json:"type"`
				Coordinates [][][][2]float64 `json:"coordinates"`
			} `json:"geometry"`
		} `json:"features"`
	}
	raw, err := fs.ReadFile(source, path)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var out []region
	for i, f := range doc.Features {
		if f.Geometry.Type != "MultiPolygon" {
			return nil, fmt.Errorf("%s: feature %d is a %s, want MultiPolygon", path, i, f.Geometry.Type)
		}
		r := region{iso3: f.Properties.ISO3, name: f.Properties.Name, other: f.Properties.Other}
		if right, ok := misnamed[r.iso3+"/"+r.name]; ok {
			r.name = right
		}
		for _, polygon := range f.Geometry.Coordinates {
			var rings [][]point
			for _, ring := range polygon {
				var points []point
				for _, c := range ring[:len(ring)-1] {
					points = append(points, point{int32(math.Round(c[0] * 1000)), int32(math.Round(c[1] * 1000))})
				}
				rings = append(rings, points)
			}
			r.polygons = append(r.polygons, rings)
		}
		if r.name == "" && r.iso3 == "COL" {
			r.name = "Malpelo" // the only feature without a name, an island at 4.0 N 81.6 W
		}
		out = append(out, r)
	}
	return out, nil
}

// rows reads a CSV file with a header, with or without a byte order mark, row by row as maps.
func rows(source fs.FS, path string, each func(map[string]string) error) error {
	raw, err := fs.ReadFile(source, path)
	if err != nil {
		return err
	}
	in := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(raw), "\ufeff")))
	in.FieldsPerRecord = -1
	head, err := in.Read()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for {
		rec, err := in.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		row := map[string]string{}
		for i, v := range rec {
			if i < len(head) {
				row[head[i]] = v
			}
		}
		if err := each(row); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
}

// westernSahara is the parallel that maps of the United Nations draw as the northern border of Western Sahara, in
// thousandths of a degree. OCHA gives the territory codes of its own (ESH); the outline data draw it inside Morocco.
const westernSahara = 27667

// partMorocco parts the regions of Morocco that cross the parallel and gives what lies south of it to ESH, as OCHA does.
func partMorocco(in []region) []region {
	south := map[string]string{
		"Oued el Dahab": "Oued el Dahab", "Guelmim - Es-Semara": "Es Semara",
		"Laâyoune - Boujdour - Sakia El Hamra": "Laayoune, Boujdour",
	}
	var out []region
	for _, r := range in {
		name, ok := south[r.name]
		if r.iso3 != "MAR" || !ok {
			out = append(out, r)
			continue
		}
		north := r
		north.polygons = clip(r.polygons, func(p point) bool { return p[1] >= westernSahara })
		if len(north.polygons) > 0 {
			out = append(out, north)
		}
		out = append(out, region{iso3: "ESH", name: name, polygons: clip(r.polygons, func(p point) bool { return p[1] <= westernSahara })})
	}
	return out
}

// partSocotra gives the islands of Socotra, which the outlines draw with Hadramawt, a region of their own.
func partSocotra(in []region) []region {
	isle := func(rings [][]point) bool { return rings[0][0][0] > 52000 && rings[0][0][1] < 13000 }
	for i, r := range in {
		if r.iso3 == "YEM" && r.name == "Hadramawt" {
			socotra := region{iso3: r.iso3, name: "Socotra"}
			in[i].polygons = nil
			for _, rings := range r.polygons {
				if isle(rings) {
					socotra.polygons = append(socotra.polygons, rings)
				} else {
					in[i].polygons = append(in[i].polygons, rings)
				}
			}
			return append(in, socotra)
		}
	}
	return in
}

// clip keeps the part of each polygon on one side of the parallel (Sutherland and Hodgman).
func clip(polygons [][][]point, inside func(point) bool) [][][]point {
	var out [][][]point
	for _, rings := range polygons {
		var kept [][]point
		for _, ring := range rings {
			var points []point
			for i, b := range ring {
				a := ring[(i+len(ring)-1)%len(ring)]
				if inside(a) != inside(b) {
					t := float64(westernSahara-a[1]) / float64(b[1]-a[1])
					points = append(points, point{a[0] + int32(math.Round(t*float64(b[0]-a[0]))), westernSahara})
				}
				if inside(b) {
					points = append(points, b)
				}
			}
			if len(points) > 2 {
				kept = append(kept, points)
			}
		}
		if len(kept) > 0 {
			out = append(out, kept)
		}
	}
	return out
}
