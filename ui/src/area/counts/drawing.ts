// What a table of counts looks like as a picture: nothing here adds up persons.
import { daysBefore, daysBetween } from '@/app/format'
import type { CountRow, Counts } from '@/data/wire'

/** perDay gives every day of the table, also those of which it has no row: nothing was recorded then. */
export function perDay(table: Counts, value: (r: CountRow) => number): { day: string; value: number; row?: CountRow }[] {
  const rows = new Map(table.rows.map((r) => [r.key.day, r]))
  return Array.from({ length: daysBetween(table.from, table.to) + 1 }, (_, i) => {
    const day = daysBefore(table.from, -i)
    const row = rows.get(day)
    return { day, value: row ? value(row) : 0, ...(row ? { row } : {}) }
  })
}

/** pyramid sets women and girls against men and boys, oldest first as pyramids are drawn; rest is everybody whom it cannot show. */
export function pyramid(rows: CountRow[], value: (r: CountRow) => number): { rows: { name: string; left: number; right: number }[]; rest: number } {
  const bands: { name: string; left: number; right: number }[] = []
  let rest = 0
  for (const r of rows) {
    const { sex, age = '' } = r.key
    let band = bands.find((b) => b.name === age)
    if (!band) bands.push((band = { name: age, left: 0, right: 0 }))
    if (sex === 'F') band.left += value(r)
    else if (sex === 'M') band.right += value(r)
    else rest += value(r)
  }
  // Bands come in the order of years, whichever cut stands first; who has no band stands below all others.
  const order = (name: string) => (/^\d/.test(name) ? parseInt(name, 10) : -1)
  return { rows: bands.filter((b) => b.left + b.right > 0).sort((a, b) => order(b.name) - order(a.name)), rest }
}
