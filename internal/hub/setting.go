package hub

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"serai/internal/fault"
	"serai/internal/seal"
)

// The kinds of certificates.
const (
	Local = "local" // of the hub's own authority
	Files = "files" // of a public authority, from files that somebody else renews
	ACME  = "acme"  // of a public authority, asked for over the internet
)

// Setting says where the certificate of a node comes from. It is read before the keyring is open and holds no secret.
type Setting struct {
	Kind string `json:"kind"`

	Names     []string       `json:"names,omitempty"`     // local: agadez.local; the first is the one on posters
	Addresses []netip.Prefix `json:"addresses,omitempty"` // local: addresses, and ranges in which the hub's may change

	Cert string `json:"cert,omitempty"` // files
	Key  string `json:"key,omitempty"`

	Domains   []string `json:"domains,omitempty"` // acme
	Email     string   `json:"email,omitempty"`
	Directory string   `json:"directory,omitempty"`
}

const (
	settingName = "tls.json"
	leafName    = "tls-leaf.pem"
	rootName    = "tls-root.pem"
	acmeName    = "tls-acme"
)

// LeafFile names the file with the leaf, its chain and its key, of the local kind.
func LeafFile(dir string) string { return filepath.Join(dir, leafName) }

// Read returns the setting of a data directory; false when nobody has made one.
func Read(dir string) (Setting, bool, error) {
	b, err := os.ReadFile(filepath.Join(dir, settingName))
	if errors.Is(err, fs.ErrNotExist) {
		return Setting{}, false, nil
	}
	if err != nil {
		return Setting{}, false, err
	}
	var s Setting
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil || !slices.Contains([]string{Local, Files, ACME}, s.Kind) {
		return Setting{}, false, fault.Invalidf("tls.bad_setting", "%s cannot be read; make it anew with `serai tls init`, `serai tls files` or `serai tls acme`", filepath.Join(dir, settingName))
	}
	return s, true, nil
}

func (s Setting) write(dir string) error {
	b, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return err
	}
	return seal.WriteFile(filepath.Join(dir, settingName), append(b, '\n'))
}

var label = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// ownSuffixes are the ends of names that belong to nobody on the internet: names by multicast (RFC 6762), names of a
// local network (RFC 8375), and the private use that ICANN set aside.
var ownSuffixes = []string{"local", "home.arpa", "internal"}

// LocalSetting is the setting of a hub that is called name (agadez: agadez.local and agadez.home.arpa), has more names,
// and is reached at addresses or in ranges of them (192.168.8.1, 192.168.8.0/24).
func LocalSetting(name string, more, addresses []string) (Setting, error) {
	s := Setting{Kind: Local}
	var bad []error
	name = strings.ToLower(strings.TrimSpace(name))
	if !label.MatchString(name) || name == "localhost" {
		bad = append(bad, fault.Fieldf("name", "tls.bad_name", "the name of a hub is one word of small letters, digits and hyphens, as agadez; not %q", name))
	} else {
		s.Names = []string{name + ".local", name + ".home.arpa"}
	}
	for _, n := range more {
		n = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(n), "."))
		if !ownName(n) {
			bad = append(bad, fault.Fieldf("dns", "tls.foreign_name", "%q can belong to somebody else; a name of a local authority ends with .local, .home.arpa or .internal; for a public name use `serai tls acme` or `serai tls files`", n))
			continue
		}
		if !slices.Contains(s.Names, n) {
			s.Names = append(s.Names, n)
		}
	}
	for _, a := range addresses {
		p, err := parseRange(a)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		if !slices.Contains(s.Addresses, p) {
			s.Addresses = append(s.Addresses, p)
		}
	}
	return s, errors.Join(bad...)
}

func ownName(name string) bool {
	for _, suffix := range ownSuffixes {
		head, ok := strings.CutSuffix(name, "."+suffix)
		if !ok || len(name) > 253 {
			continue
		}
		return !slices.ContainsFunc(strings.Split(head, "."), func(l string) bool { return !label.MatchString(l) })
	}
	return false
}

// ownRanges hold the addresses that no two networks share by right: private, link-local and loopback ones.
var ownRanges = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("::1/128"),
}

func parseRange(text string) (netip.Prefix, error) {
	text = strings.TrimSpace(text)
	p, err := netip.ParsePrefix(text)
	if err != nil {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" {
			return p, fault.Fieldf("address", "tls.bad_address", "%q is no address; write 192.168.8.1, or a range as 192.168.8.0/24", text)
		}
		p = netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen())
	}
	if p != p.Masked() {
		return p, fault.Fieldf("address", "tls.bad_address", "%s is an address and a range at once; write %s or %s", text, p.Addr(), p.Masked())
	}
	if least := map[bool]int{true: 16, false: 48}[p.Addr().Is4()]; p.Bits() < least {
		return p, fault.Fieldf("address", "tls.wide_range", "%s is too wide; the range of one site has /%d or more", text, least)
	}
	if !slices.ContainsFunc(ownRanges, func(own netip.Prefix) bool { return own.Bits() <= p.Bits() && own.Contains(p.Addr()) }) {
		return p, fault.Fieldf("address", "tls.public_address", "%s is a public address; a local authority holds private ones alone (192.168.x.x, 10.x.x.x, 172.16-31.x.x, fd..)", text)
	}
	return p, nil
}

// String lists what the certificate is for.
func (s Setting) String() string {
	var all []string
	switch s.Kind {
	case ACME:
		all = s.Domains
	default:
		all = slices.Clone(s.Names)
		for _, p := range s.Addresses {
			if p.IsSingleIP() {
				all = append(all, p.Addr().String())
			} else {
				all = append(all, p.String())
			}
		}
	}
	return strings.Join(all, ", ")
}

// UseFiles makes a node show a certificate that stands in files, after a look at it.
func UseFiles(dir, cert, key string) (Setting, error) {
	s := Setting{Kind: Files}
	var err error
	if s.Cert, err = filepath.Abs(cert); err != nil {
		return s, err
	}
	if s.Key, err = filepath.Abs(key); err != nil {
		return s, err
	}
	if _, err := readChain(s.Cert, s.Key); err != nil {
		return s, err
	}
	return s, s.write(dir)
}

// UseACME makes a node ask a public authority for its certificate. directory is the address of the authority's
// directory; empty for Let's Encrypt.
func UseACME(dir string, domains []string, email, directory string) (Setting, error) {
	s := Setting{Kind: ACME, Email: strings.TrimSpace(email), Directory: directory}
	var bad []error
	for _, d := range domains {
		d = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(d), "."))
		labels := strings.Split(d, ".")
		if len(labels) < 2 || ownName(d) || slices.ContainsFunc(labels, func(l string) bool { return !label.MatchString(l) }) || isAddress(d) {
			bad = append(bad, fault.Fieldf("domain", "tls.bad_domain", "%q is no public name, as help.example.org is; for a hub without internet use `serai tls init`", d))
			continue
		}
		s.Domains = append(s.Domains, d)
	}
	if len(domains) == 0 {
		bad = append(bad, fault.Field("domain", "tls.bad_domain", "name the public host name of this node, as help.example.org"))
	}
	if user, host, ok := strings.Cut(s.Email, "@"); !ok || user == "" || !strings.Contains(host, ".") || strings.ContainsAny(s.Email, " ,<>\"") {
		bad = append(bad, fault.Field("email", "tls.bad_email", "the authority writes to this address when something is wrong: give one that is read"))
	}
	if directory != "" {
		if u, err := url.Parse(directory); err != nil || u.Scheme != "https" || u.Host == "" {
			bad = append(bad, fault.Field("directory", "tls.bad_directory", "the directory of an authority begins with https://"))
		}
	}
	if err := errors.Join(bad...); err != nil {
		return s, err
	}
	if err := os.MkdirAll(filepath.Join(dir, acmeName), 0o700); err != nil {
		return s, err
	}
	return s, s.write(dir)
}

func isAddress(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

// deskURL is where devices open the desk under one of the names, for a listener at port.
func deskURL(host, port string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != "443" && port != "" {
		host += ":" + port
	}
	return fmt.Sprintf("https://%s/desk/", host)
}
