// Command gen compacts the public data sets behind package geo into the files under internal/geo/data. It is run by hand
// when a source changes, never by the build:
//
//	go run ./internal/geo/gen -source DIR -into internal/geo/data
//
// DIR holds geo/ne_admin1_route_countries.geojson, geo/geonames_places_route_countries.csv,
// codes/ocha_global_pcodes_adm1_adm2.csv and codes/iso_3166-1.json. It prints which regions found no code.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
)

func main() {
	log.SetFlags(0)
	source := flag.String("source", "", "folder of the source data")
	into := flag.String("into", "internal/geo/data", "folder to write")
	flag.Parse()
	if *source == "" {
		log.Fatal("gen: name the folder of the source data with -source")
	}
	if err := run(*source, *into); err != nil {
		log.Fatal("gen: ", err)
	}
}

func run(source, into string) error {
	iso, err := readISO(filepath.Join(source, "codes/iso_3166-1.json"))
	if err != nil {
		return err
	}
	regions, err := readRegions(filepath.Join(source, "geo/ne_admin1_route_countries.geojson"))
	if err != nil {
		return err
	}
	codes, err := readCodes(filepath.Join(source, "codes/ocha_global_pcodes_adm1_adm2.csv"))
	if err != nil {
		return err
	}
	regions = partSocotra(partMorocco(regions))
	how := map[string]int{}
	for i := range regions {
		r := &regions[i]
		r.pcode, r.how = codes.find(*r)
		how[r.how]++
		if r.pcode == "" {
			fmt.Printf("no code: %s %s\n", r.iso3, r.name)
		}
	}
	fmt.Printf("%d regions, by way of joining: %v\n", len(regions), how)
	if err := writeRegions(into, regions, iso); err != nil {
		return err
	}
	if err := writePlaces(filepath.Join(source, "geo/geonames_places_route_countries.csv"), into); err != nil {
		return err
	}
	for _, name := range []string{"admin1.csv", "outlines.bin.gz", "places.csv.gz"} {
		info, err := os.Stat(filepath.Join(into, name))
		if err != nil {
			return err
		}
		fmt.Printf("%s: %d bytes\n", name, info.Size())
	}
	return nil
}
