// Package atlas makes the data files of package geo from their public sources. The program never imports it; it is run by
// its own test, by hand, when a source changes:
//
//	go test ./internal/geo/atlas -source DIR -into ../data
//
// DIR holds geo/ne_admin1_route_countries.geojson, geo/geonames_places_route_countries.csv,
// codes/ocha_global_pcodes_adm1_adm2.csv and codes/iso_3166-1.json. Equal sources give equal files.
package atlas

import "io/fs"

// Files are the contents of the data files, by name, and how the codes were joined.
type Files struct {
	Contents map[string][]byte // "admin1.csv", "outlines.bin.gz", "places.csv.gz"
	Joined   map[string]int    // outlines by way of joining: name, second, other, alias, none
	Blank    []string          // outlines without a code, as "MLI Gao"
}

// Make builds the files from a folder of sources. An error names the file and what is wrong in it.
func Make(source fs.FS) (Files, error) {
	iso, err := readISO(source, "codes/iso_3166-1.json")
	if err != nil {
		return Files{}, err
	}
	regions, err := readRegions(source, "geo/ne_admin1_route_countries.geojson")
	if err != nil {
		return Files{}, err
	}
	codes, err := readCodes(source, "codes/ocha_global_pcodes_adm1_adm2.csv")
	if err != nil {
		return Files{}, err
	}
	regions = partSocotra(partMorocco(regions))
	made := Files{Contents: map[string][]byte{}, Joined: map[string]int{}}
	for i := range regions {
		r := &regions[i]
		r.pcode, r.how = codes.find(*r)
		made.Joined[r.how]++
		if r.pcode == "" {
			made.Blank = append(made.Blank, r.iso3+" "+r.name)
		}
	}
	if made.Contents["admin1.csv"], made.Contents["outlines.bin.gz"], err = writeRegions(regions, iso); err != nil {
		return Files{}, err
	}
	made.Contents["places.csv.gz"], err = writePlaces(source, "geo/geonames_places_route_countries.csv")
	return made, err
}
