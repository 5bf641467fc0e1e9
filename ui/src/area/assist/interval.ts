// The usual interval of a service raises a question, never a refusal.

import { daysBetween } from '@/app/format'
import type { Asks, CatalogueService, Day, Given, HistoryEntry } from '@/data/wire'

export interface Repeat { code: string; last: Day; count: number; limit: number; hours: number }

const hoursOf = (asks: Asks) => asks.hours ?? 0

/**
 * repeats tells which of the wished services this person had as often as usual within their interval: for each the last
 * day, how often, and the usual number. Days are counted whole, so that a kit of thirty days ago is asked about once.
 */
export function repeats(wished: Given[], history: HistoryEntry[], catalogue: (code: string) => CatalogueService | undefined, now: Day): Repeat[] {
  const found: Repeat[] = []
  for (const { code } of wished) {
    const asks = catalogue(code)?.asks
    if (!asks || hoursOf(asks) <= 0) continue
    const within = history.filter((h) => h.service === code && daysBetween(h.day, now) * 24 < hoursOf(asks) && h.day <= now)
    if (within.length === 0 || within.length < asks.count) continue
    const last = within.reduce((a, b) => (a.day > b.day ? a : b)).day
    found.push({ code, last, count: within.length, limit: asks.count, hours: hoursOf(asks) })
  }
  return found
}
