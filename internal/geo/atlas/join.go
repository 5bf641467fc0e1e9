package atlas

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"io/fs"
	"strings"

	"serai/internal/geo"
)

// aliases joins regions whose names differ between the sources in a way that no rule covers. Each line was set by hand.
//
//go:embed aliases.csv
var aliases string

// codes holds the P-codes of OCHA by country and folded name.
type codes struct {
	first  map[string]string          // country/name -> code of the first level
	second map[string]map[string]bool // country/name of the second level -> codes of its parents
	alias  map[string]string          // country/exact name -> code, or "" when no single code is right
	known  map[string]bool            // codes of the first level

	countries map[string]bool // those with any code
}

// finer lists the countries whose outlines are of the second level of OCHA: there a code is that of the parent.
var finer = map[string]bool{"BFA": true, "GIN": true, "LBY": true, "TUN": true, "UGA": true}

func readCodes(source fs.FS, path string) (*codes, error) {
	c := &codes{first: map[string]string{}, second: map[string]map[string]bool{}, alias: map[string]string{}, known: map[string]bool{}, countries: map[string]bool{}}
	err := rows(source, path, func(r map[string]string) error {
		key := r["Location"] + "/" + geo.Fold(r["Name"])
		switch r["Admin Level"] {
		case "1":
			c.first[key] = r["P-Code"]
			c.known[r["P-Code"]], c.countries[r["Location"]] = true, true
		case "2":
			if c.second[key] == nil {
				c.second[key] = map[string]bool{}
			}
			c.second[key][r["Parent P-Code"]] = true
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	lines, err := csv.NewReader(strings.NewReader(aliases)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("aliases.csv: %w", err)
	}
	for _, l := range lines[1:] {
		if l[2] != "" && c.countries[l[0]] && !c.known[l[2]] {
			return nil, fmt.Errorf("aliases.csv: %s %s: there is no code %s", l[0], l[1], l[2])
		}
		c.alias[l[0]+"/"+l[1]] = l[2]
	}
	return c, nil
}

// generic words stand around a name in one source and not in the other.
var generic = map[string]bool{
	"province": true, "region": true, "state": true, "departement": true, "departamento": true, "provincia": true, "district": true,
	"prefecture": true, "gouvernorat": true, "wilaya": true, "muhafazat": true, "governorate": true, "gobolka": true, "shabiyat": true,
	"opstina": true, "de": true, "la": true, "du": true, "des": true, "del": true, "of": true, "d": true, "l": true,
}

func core(name string) string {
	var out []string
	for w := range strings.FieldsSeq(geo.Fold(name)) {
		if !generic[w] {
			out = append(out, w)
		}
	}
	return strings.Join(out, " ")
}

// find returns the code of a region and how it was found: alias, name, second (by the name of a second-level division),
// other (the same by the second name of the source), or none.
func (c *codes) find(r region) (code, how string) {
	if code, ok := c.alias[r.iso3+"/"+r.name]; ok {
		if code == "" {
			return "", "none"
		}
		return code, "alias"
	}
	for _, name := range []string{geo.Fold(r.name), core(r.name)} {
		if code, ok := c.first[r.iso3+"/"+name]; ok {
			return code, "name"
		}
	}
	if !finer[r.iso3] {
		return "", "none"
	}
	// Where the two names of the source differ, towns decided which is right (see misnamed): the second only helps out.
	for i, name := range []string{geo.Fold(r.name), core(r.name), core(r.other)} {
		if parents := c.second[r.iso3+"/"+name]; len(parents) == 1 {
			for code := range parents {
				return code, [...]string{"second", "second", "other"}[i]
			}
		}
	}
	return "", "none"
}
