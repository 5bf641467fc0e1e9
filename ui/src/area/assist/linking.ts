import type { Arrival, ContactRow } from '@/data/wire'

/** atOnce is how many the node links with one command. */
const atOnce = 200

/**
 * linkable are the records of a day that may belong to an arrival: of one person each, not taken back, tied to none, and
 * not from before anybody of it came.
 */
export function linkable(rows: ContactRow[], arrival: Arrival | undefined): ContactRow[] {
  if (!arrival) return []
  return rows
    .filter((r) => r.persons === 1 && r.state !== 'undone' && !r.arrival && r.contact !== arrival.arrival && r.happened >= arrival.happened)
    .sort((a, b) => (a.happened < b.happened ? -1 : 1))
    .slice(0, atOnce)
}
