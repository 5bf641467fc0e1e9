import type { Arrival, ContactRow } from '@/data/wire'

/** atOnce is how many the node links with one command. */
const atOnce = 200

/**
 * Times are compared as times: their texts have as many digits as they need, and "48.5Z" sorts before "48Z".
 *
 * linkable are the records of a day that may belong to an arrival: of one person each, not taken back, tied to none, and
 * not from before anybody of it came.
 */
export function linkable(rows: ContactRow[], arrival: Arrival | undefined): ContactRow[] {
  if (!arrival) return []
  return rows
    .filter((r) => r.persons === 1 && r.state !== 'undone' && !r.arrival && r.contact !== arrival.arrival && Date.parse(r.happened) >= Date.parse(arrival.happened))
    .sort((a, b) => Date.parse(a.happened) - Date.parse(b.happened))
    .slice(0, atOnce)
}
