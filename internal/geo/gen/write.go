package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// writeRegions writes admin1.csv, one line for each region for people to check, and the outlines in the same order.
func writeRegions(into string, regions []region, iso map[string]string) error {
	slices.SortStableFunc(regions, func(a, b region) int {
		return bytes.Compare([]byte(a.iso3+"\x00"+a.name), []byte(b.iso3+"\x00"+b.name))
	})
	var table bytes.Buffer
	out := csv.NewWriter(&table)
	lines := [][]string{{"iso3", "iso2", "name", "pcode", "joined_by"}}
	var shapes []byte
	for _, r := range regions {
		if iso[r.iso3] == "" {
			return fmt.Errorf("no two-letter code for %s", r.iso3)
		}
		lines = append(lines, []string{r.iso3, iso[r.iso3], r.name, r.pcode, r.how})
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
	if err := out.WriteAll(lines); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(into, "admin1.csv"), table.Bytes(), 0o644); err != nil {
		return err
	}
	return writeGzip(filepath.Join(into, "outlines.bin.gz"), shapes)
}

// writePlaces keeps of each place its id, name, country, population and coordinates to a thousandth of a degree.
func writePlaces(from, into string) error {
	var lines [][]string
	err := rows(from, func(r map[string]string) error {
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
		return err
	}
	slices.SortFunc(lines, slices.Compare)
	var table bytes.Buffer
	out := csv.NewWriter(&table)
	if err := out.WriteAll(append([][]string{{"iso2", "name", "population", "lat", "lon", "geonames_id"}}, lines...)); err != nil {
		return err
	}
	return writeGzip(filepath.Join(into, "places.csv.gz"), table.Bytes())
}

func short(degrees string) (string, error) {
	v, err := strconv.ParseFloat(degrees, 64)
	if err != nil {
		return "", fmt.Errorf("degrees %q: %w", degrees, err)
	}
	return strconv.FormatFloat(v, 'f', 3, 64), nil
}

// writeGzip leaves name and time out of the header, so that equal data give equal files.
func writeGzip(path string, data []byte) error {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(data); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}
