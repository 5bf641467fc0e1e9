// Days as a card counts them: from 1970-01-01, in UTC, in sixteen bits. Quarters: 4*(year-1970) + (month-1)/3.

const second = 1000
const perDay = 86_400 * second
export const secondsPerDay = 86_400
export const lastDay = 0xffff

export function dayOf(t: Date | number): number {
  const n = Math.floor(Number(t) / perDay)
  return Math.min(Math.max(n, 0), lastDay)
}
export const timeOf = (day: number): number => day * perDay
/** dayText writes a day as 2006-01-02, and dayNumber reads it. */
export const dayText = (day: number): string => new Date(timeOf(day)).toISOString().slice(0, 10)
export const dayNumber = (text: string): number => Math.round(Date.parse(text + 'T00:00:00Z') / perDay)

export function quarterOf(day: number): number {
  const t = new Date(timeOf(day))
  return 4 * (t.getUTCFullYear() - 1970) + Math.floor(t.getUTCMonth() / 3)
}
export const quarterStart = (quarter: number): number => dayOf(Date.UTC(1970 + Math.floor(quarter / 4), (quarter % 4) * 3, 1))
export const quarterEnd = (quarter: number): number => quarterStart(quarter + 1)

/** expiryAfter is the start of the first quarter at or after issued + days: the expiry must not betray the day of issue. */
export function expiryAfter(issued: number, days: number): number {
  const wanted = Math.min(issued + days, lastDay)
  const quarter = quarterOf(wanted)
  return quarterStart(quarter) === wanted ? wanted : quarterEnd(quarter)
}
