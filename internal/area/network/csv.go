package network

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"serai/internal/fault"
)

// Remark is something about one cell, row or file of an import: an error, or a warning.
type Remark struct {
	File   string `json:"file"` // organisations, points, routes
	Row    int    `json:"row"`  // as a spreadsheet counts, the header being 1; 0 for the file
	Column string `json:"column,omitempty"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

func (r Remark) String() string {
	place := r.File
	if r.Row > 0 {
		place += fmt.Sprintf(" row %d", r.Row)
	}
	if r.Column != "" {
		place += ", " + r.Column
	}
	return place + ": " + r.Detail
}

// mostRemarks bounds what one import tells: a file with a wrong column would otherwise say it fifty thousand times.
const mostRemarks = 1000

// remarks gathers what is wrong, so that all of it is told at once.
type remarks struct {
	errors   []Remark
	warnings []Remark
}

func (r *remarks) refuse(at Remark, code, format string, args ...any) {
	if len(r.errors) < mostRemarks {
		at.Code, at.Detail = code, fmt.Sprintf(format, args...)
		r.errors = append(r.errors, at)
	}
}

func (r *remarks) warn(at Remark, code, format string, args ...any) {
	if len(r.warnings) < mostRemarks {
		at.Code, at.Detail = code, fmt.Sprintf(format, args...)
		r.warnings = append(r.warnings, at)
	}
}

// inOrder returns errors and warnings by file and row; never nil, since a list is a list when nothing is in it.
func (r *remarks) inOrder() (errors, warnings []Remark) {
	sorted := func(list []Remark) []Remark {
		out := append([]Remark{}, list...)
		slices.SortStableFunc(out, func(a, b Remark) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Row, b.Row)) })
		return out
	}
	return sorted(r.errors), sorted(r.warnings)
}

// faults refuses every fault inside err, in the column that each names.
func (r *remarks) faults(at Remark, err error) {
	for _, f := range fault.All(err) {
		at.Column, _, _ = strings.Cut(f.Field, ".")
		r.refuse(at, f.Code, "%s", f.Detail)
	}
}

// sheet is a CSV file whose header is understood.
type sheet struct {
	file    string
	columns map[string]int
	rows    []row
}

// row is one record of a sheet, with the row that a spreadsheet shows it in.
type row struct {
	sheet *sheet
	at    int
	cells []string
	told  *remarks
}

const (
	mostBytes = 64 << 20
	mostRows  = 200_000
	mostCell  = 4000
)

// readSheet reads a file that people made: with or without byte order mark, in UTF-8 or Latin-1 (with a warning), with
// commas, semicolons or tabs. required columns must be there; others than these and optional must not.
func readSheet(file string, content []byte, required, optional []string, told *remarks) *sheet {
	s := &sheet{file: file, columns: map[string]int{}}
	whole := Remark{File: file}
	if len(content) > mostBytes {
		told.refuse(whole, "network.file_large", "a file has at most %d MB; split it", mostBytes>>20)
		return s
	}
	if bytes.HasPrefix(content, []byte{0xff, 0xfe}) || bytes.HasPrefix(content, []byte{0xfe, 0xff}) {
		told.refuse(whole, "network.file_utf16", "the file is UTF-16; save it as CSV UTF-8")
		return s
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if !utf8.Valid(content) {
		decoded, err := charmap.Windows1252.NewDecoder().Bytes(content)
		if err != nil {
			told.refuse(whole, "network.file_encoding", "the file is neither UTF-8 nor Latin-1; save it as CSV UTF-8")
			return s
		}
		content = decoded
		told.warn(whole, "network.file_latin1", "the file was read as Latin-1; check names with accents, and save it as CSV UTF-8 next time")
	}
	if i := bytes.IndexByte(content, 0); i >= 0 {
		told.refuse(whole, "network.file_binary", "the file is no text; save the sheet as CSV UTF-8")
		return s
	}
	in := csv.NewReader(bytes.NewReader(content))
	in.Comma = separator(content)
	in.FieldsPerRecord = -1
	header, err := in.Read()
	if err != nil {
		told.refuse(whole, "network.file_empty", "the file has no header; the first row names the columns: %s", strings.Join(required, ", "))
		return s
	}
	if !s.header(header, required, optional, told) {
		return s
	}
	s.body(in, len(header), told)
	return s
}

// separator returns what parts the columns of the header: whichever of comma, semicolon and tab it has most of.
func separator(content []byte) rune {
	header, _, _ := bytes.Cut(content, []byte("\n"))
	best, most := ',', bytes.Count(header, []byte(","))
	for _, c := range ";\t" {
		if n := bytes.Count(header, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}

func (s *sheet) header(header, required, optional []string, told *remarks) bool {
	before := len(told.errors)
	at := Remark{File: s.file, Row: 1}
	all := slices.Concat(required, optional)
	for i, h := range header {
		name := strings.ToLower(strings.TrimSpace(h))
		at.Column = ""
		switch _, twice := s.columns[name]; {
		case name == "" && !slices.ContainsFunc(header[i:], func(h string) bool { return strings.TrimSpace(h) != "" }):
			continue // spreadsheets leave empty columns at the end
		case !slices.Contains(all, name):
			told.refuse(at, "network.unknown_column", "column %d is none of %s; correct its name or remove it", i+1, strings.Join(all, ", "))
		case twice:
			at.Column = name
			told.refuse(at, "network.doubled_column", "this column stands there twice; remove one")
		}
		s.columns[name] = i
	}
	for _, name := range required {
		if _, there := s.columns[name]; !there {
			at.Column = name
			told.refuse(at, "network.missing_column", "this column is missing; add it")
		}
	}
	return len(told.errors) == before
}

func (s *sheet) body(in *csv.Reader, width int, told *remarks) {
	hidden := 0 // line breaks inside cells, which a spreadsheet does not count as rows
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			told.refuse(Remark{File: s.file, Row: parse.StartLine - hidden}, "network.bad_quotes",
				"a quotation mark is missing or too much; what follows in the file was not read")
			return
		}
		if err != nil {
			told.refuse(Remark{File: s.file}, "network.file_unreadable", "the file cannot be read to its end")
			return
		}
		line, _ := in.FieldPos(0)
		r := row{sheet: s, at: line - hidden, cells: cells, told: told}
		empty := true
		for _, c := range cells {
			hidden += strings.Count(c, "\n")
			empty = empty && strings.TrimSpace(c) == ""
		}
		switch {
		case empty:
			continue
		case len(s.rows) == mostRows:
			told.refuse(Remark{File: s.file, Row: r.at}, "network.file_large", "a file has at most %d rows; split it", mostRows)
			return
		case len(cells) != width:
			told.refuse(Remark{File: s.file, Row: r.at}, "network.cells", "the header has %d cells, this row %d; a cell with the separator in it needs quotation marks", width, len(cells))
			continue
		}
		s.rows = append(s.rows, r)
	}
}

// has tells whether the file speaks of a column at all: what it does not speak of stays as it is.
func (s *sheet) has(column string) bool {
	_, there := s.columns[column]
	return there
}

func (r row) place(column string) Remark {
	return Remark{File: r.sheet.file, Row: r.at, Column: column}
}

func (r row) refuse(column, code, format string, args ...any) {
	r.told.refuse(r.place(column), code, format, args...)
}

// text returns a cell without the spaces around it. A spreadsheet runs a cell that begins with = + - or @; such a cell
// is refused, unless an apostrophe before it says that it is text, which is how exports write it.
func (r row) text(column string) string {
	s := r.raw(column)
	if rest, quoted := strings.CutPrefix(s, "'"); quoted && formula(rest) {
		return rest
	}
	if formula(s) {
		r.refuse(column, "network.formula", "this begins like a formula, which a spreadsheet would run; correct it, or write an apostrophe before it")
		return ""
	}
	return s
}

// formula tells whether a spreadsheet would run a cell.
func formula(s string) bool { return s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) }

func (r row) raw(column string) string {
	i, there := r.sheet.columns[column]
	if !there {
		return ""
	}
	s := r.cells[i]
	if len(s) > mostCell {
		r.refuse(column, "network.too_long", "a cell has at most %d characters", mostCell)
		return ""
	}
	return strings.TrimSpace(s)
}

// list returns the words of a cell, parted by semicolons (or by | where the semicolon parts the columns).
func (r row) list(column string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(r.text(column), func(c rune) bool { return c == ';' || c == '|' }) {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// number returns a cell as a number, false when it is empty or none. A decimal comma is what half of the world writes.
func (r row) number(column string) (float64, bool) {
	s := r.raw(column)
	if s == "" {
		return 0, false
	}
	if !strings.Contains(s, ".") {
		s = strings.Replace(s, ",", ".", 1)
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || x != x || x > 1e15 || x < -1e15 || strings.ContainsAny(s, "xXpP_") {
		r.refuse(column, "network.bad_number", "this is no number; write it as 12.5")
		return 0, false
	}
	return x, true
}

// whole returns a cell as a whole number.
func (r row) whole(column string) int {
	x, _ := r.number(column)
	if x != float64(int(x)) {
		r.refuse(column, "network.bad_number", "a whole number is expected")
		return 0
	}
	return int(x)
}

// position returns the cells lat and lon; both or none.
func (r row) position() *Position {
	lat, hasLat := r.number("lat")
	lon, hasLon := r.number("lon")
	if !hasLat && !hasLon {
		return nil
	}
	if hasLat != hasLon && r.raw("lat") != "" != (r.raw("lon") != "") {
		r.refuse("lat", "network.half_position", "give both lat and lon, or neither")
	}
	return &Position{Lat: lat, Lon: lon}
}
