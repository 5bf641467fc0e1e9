// Package hours reads opening hours written in the way of OpenStreetMap and says when a place is open. It is pure: no
// clock, no zone but that of the time it is asked about.
//
// What is understood, a subset of https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification:
//
//	24/7                                       always
//	Mo-Fr 08:00-17:00                          a range of days; Fr-Mo runs over the week's end
//	Mo,We,Sa 08:00-12:00,14:00-17:00           lists of days and of hours
//	Mo-Su 20:00-06:00                          overnight; 20:00-30:00 means the same
//	Mo-Fr 08:00-17:00; We 12:00-18:00          a later rule replaces earlier ones on the days that it names
//	Mo-Fr 08:00-17:00; 12:00-13:00 off         "off" with hours takes only these away
//	2026 Dec 25 off; Dec 24-26 off; Aug off    dates, with or without a year; Dec 24-Jan 2 runs over the year's end
//	Mo 08:00-12:00 "women and children first"  a comment, shown as it is
//	"by appointment"                           only a comment: not open by itself, the comment tells what to do
//	PH off                                     public holidays: kept and shown, never evaluated (see Spec.Holidays)
//
// Words: a rule is what stands between semicolons; a range is a stretch of one day's hours, and belongs to the day on
// which it begins. A night that began on the 24th therefore ends on the morning of the 25th even if "Dec 25 off".
//
// Times are local wall-clock times. Where a clock change skips a time, the moment of the change stands for it; where it
// repeats a time, the first one counts.
package hours
