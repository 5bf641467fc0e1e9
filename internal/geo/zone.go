package geo

// Sea is the time zone of a point at sea, as ships log.
const Sea = "Etc/UTC"

// zoneRow is a zone of a country for points from a longitude on (degrees east); the last row that fits counts.
type zoneRow struct {
	country string
	east    float64
	zone    string
}

// countryZones lists the countries of the routes, of departure and of arrival. Source: the IANA time zone database;
// rows of one country stand together, the westernmost first.
var countryZones = []zoneRow{
	{"AF", -180, "Asia/Kabul"}, {"AL", -180, "Europe/Tirane"}, {"AT", -180, "Europe/Vienna"},
	{"BA", -180, "Europe/Sarajevo"}, {"BD", -180, "Asia/Dhaka"}, {"BE", -180, "Europe/Brussels"}, {"BF", -180, "Africa/Ouagadougou"},
	{"BG", -180, "Europe/Sofia"}, {"BI", -180, "Africa/Bujumbura"}, {"BJ", -180, "Africa/Porto-Novo"}, {"BO", -180, "America/La_Paz"},
	{"BZ", -180, "America/Belize"},
	{"CF", -180, "Africa/Bangui"}, {"CG", -180, "Africa/Brazzaville"}, {"CH", -180, "Europe/Zurich"}, {"CI", -180, "Africa/Abidjan"},
	{"CL", -180, "Pacific/Easter"}, {"CL", -90, "America/Santiago"},
	{"CM", -180, "Africa/Douala"}, {"CO", -180, "America/Bogota"}, {"CR", -180, "America/Costa_Rica"}, {"CU", -180, "America/Havana"},
	{"CV", -180, "Atlantic/Cape_Verde"}, {"CY", -180, "Asia/Nicosia"}, {"CZ", -180, "Europe/Prague"},
	{"DE", -180, "Europe/Berlin"}, {"DJ", -180, "Africa/Djibouti"}, {"DO", -180, "America/Santo_Domingo"}, {"DZ", -180, "Africa/Algiers"},
	{"EC", -180, "Pacific/Galapagos"}, {"EC", -85, "America/Guayaquil"},
	{"EG", -180, "Africa/Cairo"}, {"EH", -180, "Africa/El_Aaiun"}, {"ER", -180, "Africa/Asmara"},
	{"ES", -180, "Atlantic/Canary"}, {"ES", -12, "Europe/Madrid"},
	{"ET", -180, "Africa/Addis_Ababa"}, {"FR", -180, "Europe/Paris"}, {"GA", -180, "Africa/Libreville"}, {"GB", -180, "Europe/London"},
	{"GH", -180, "Africa/Accra"}, {"GM", -180, "Africa/Banjul"}, {"GN", -180, "Africa/Conakry"}, {"GQ", -180, "Africa/Malabo"},
	{"GR", -180, "Europe/Athens"}, {"GT", -180, "America/Guatemala"}, {"GW", -180, "Africa/Bissau"},
	{"HN", -180, "America/Tegucigalpa"}, {"HR", -180, "Europe/Zagreb"}, {"HT", -180, "America/Port-au-Prince"}, {"HU", -180, "Europe/Budapest"},
	{"IL", -180, "Asia/Jerusalem"}, {"IQ", -180, "Asia/Baghdad"}, {"IR", -180, "Asia/Tehran"}, {"IT", -180, "Europe/Rome"},
	{"JO", -180, "Asia/Amman"}, {"KE", -180, "Africa/Nairobi"}, {"KM", -180, "Indian/Comoro"}, {"KW", -180, "Asia/Kuwait"},
	{"LB", -180, "Asia/Beirut"}, {"LR", -180, "Africa/Monrovia"}, {"LY", -180, "Africa/Tripoli"},
	{"MA", -180, "Africa/Casablanca"}, {"MD", -180, "Europe/Chisinau"}, {"ME", -180, "Europe/Podgorica"}, {"MK", -180, "Europe/Skopje"},
	{"ML", -180, "Africa/Bamako"}, {"MR", -180, "Africa/Nouakchott"}, {"MT", -180, "Europe/Malta"},
	{"MX", -180, "America/Tijuana"}, {"MX", -115, "America/Hermosillo"}, {"MX", -108.7, "America/Mexico_City"}, {"MX", -89.2, "America/Cancun"},
	{"NE", -180, "Africa/Niamey"}, {"NG", -180, "Africa/Lagos"}, {"NI", -180, "America/Managua"}, {"NL", -180, "Europe/Amsterdam"},
	{"OM", -180, "Asia/Muscat"}, {"PA", -180, "America/Panama"}, {"PE", -180, "America/Lima"}, {"PK", -180, "Asia/Karachi"},
	{"PL", -180, "Europe/Warsaw"}, {"PS", -180, "Asia/Hebron"}, {"PY", -180, "America/Asuncion"},
	{"RO", -180, "Europe/Bucharest"}, {"RS", -180, "Europe/Belgrade"}, {"RW", -180, "Africa/Kigali"}, {"SA", -180, "Asia/Riyadh"},
	{"SD", -180, "Africa/Khartoum"}, {"SE", -180, "Europe/Stockholm"}, {"SI", -180, "Europe/Ljubljana"}, {"SK", -180, "Europe/Bratislava"},
	{"SL", -180, "Africa/Freetown"}, {"SN", -180, "Africa/Dakar"}, {"SO", -180, "Africa/Mogadishu"}, {"SS", -180, "Africa/Juba"},
	{"SV", -180, "America/El_Salvador"}, {"SY", -180, "Asia/Damascus"}, {"TD", -180, "Africa/Ndjamena"}, {"TG", -180, "Africa/Lome"},
	{"TN", -180, "Africa/Tunis"}, {"TR", -180, "Europe/Istanbul"}, {"TZ", -180, "Africa/Dar_es_Salaam"}, {"UA", -180, "Europe/Kyiv"},
	{"UG", -180, "Africa/Kampala"}, {"UY", -180, "America/Montevideo"}, {"VE", -180, "America/Caracas"}, {"XK", -180, "Europe/Belgrade"},
	{"YE", -180, "Asia/Aden"},
}

// Zone returns the IANA time zone of a point. country (two letters) is that of the record; when it is empty it is
// derived from the coordinates. Where neither tells a country, as at sea, or the country is not in the table, the zone is
// Etc/UTC. Countries of several zones are parted by longitude, which is right for towns on the routes and may be wrong
// for a village near such a line: let the point's own setting win.
func Zone(country string, lat, lon float64) string {
	if country == "" {
		place, ok := Derive(lat, lon)
		if !ok {
			return Sea
		}
		country = place.Country
	}
	zone := Sea
	for _, row := range countryZones {
		if row.country == country && (lon >= row.east || zone == Sea) {
			zone = row.zone
		}
	}
	return zone
}
