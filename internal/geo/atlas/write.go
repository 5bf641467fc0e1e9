package atlas

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
)

// writeRegions returns admin1.csv, one line for each region for people to check, and the outlines in the same order.
func writeRegions(regions []region, iso map[string]string) (lines, shapes []byte, err error) {
	slices.SortStableFunc(regions, func(a, b region) int {
		return bytes.Compare([]byte(a.iso3+"\x00"+a.name), []byte(b.iso3+"\x00"+b.name))
	})
	var table bytes.Buffer
	out := csv.NewWriter(&table)
	records := [][]string{{"iso3", "iso2", "name", "pcode", "joined_by"}}
	for _, r := range regions {
		if iso[r.iso3] == "" {
			return nil, nil, fmt.Errorf("no two-letter code for %s", r.iso3)
		}
		records = append(records, []string{r.iso3, iso[r.iso3], r.name, r.pcode, r.how})
		shapes = binary.AppendUvarint(shapes, uint64(len(r.polygons)))
		for _, rings := range r.polygons {
			shapes = binary.AppendUvarint(shapes, uint64(len(rings)))
			for _, ring := range rings {
				shapes = binary.AppendUvarint(shapes, uint64(len(ring)))
				var last point
				for _, p := range ring {
					shapes = binary.AppendVarint(shapes, int64(p[0]-last[0]))
					shapes = binary.AppendVarint(shapes, int64(p[1]-last[1]))
					last = p
				}
			}
		}
	}
	if err := out.WriteAll(records); err != nil {
		return nil, nil, err
	}
	shapes, err = pack(shapes)
	return table.Bytes(), shapes, err
}

// writePlaces returns places.csv packed. It keeps of each place its id, name, country, population and coordinates to a thousandth of a degree.
func writePlaces(source fs.FS, path string) ([]byte, error) {
	var lines [][]string
	err := rows(source, path, func(r map[string]string) error {
		lat, err := short(r["lat"])
		if err != nil {
			return err
		}
		lon, err := short(r["lon"])
		if err != nil {
			return err
		}
		lines = append(lines, []string{r["country_iso2"], r["name"], r["population"], lat, lon, r["geonames_id"]})
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(lines, slices.Compare)
	var table bytes.Buffer
	out := csv.NewWriter(&table)
	if err := out.WriteAll(append([][]string{{"iso2", "name", "population", "lat", "lon", "geonames_id"}}, lines...)); err != nil {
		return nil, err
	}
	return pack(table.Bytes())
}

func short(degrees string) (string, error) {
	v, err := strconv.ParseFloat(degrees, 64)
	if err != nil {
		return "", fmt.Errorf("degrees %q: %w", degrees, err)
	}
	return strconv.FormatFloat(v, 'f', 3, 64), nil
}

// pack compresses. The header holds neither name nor time, so that equal data give equal files.
func pack(data []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(data); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
