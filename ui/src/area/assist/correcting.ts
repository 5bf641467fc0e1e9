import type { ContactRow, Correction, Given } from '@/data/wire'

/** Corrected is what the screen holds while a contact is corrected. */
export interface Corrected { services: Given[]; group: string; stage: string }

/** why are the reasons that the node takes; taking a contact back is another command. */
export const why = ['mistake', 'twice', 'wrong_person', 'late'] as const

/**
 * correctionOf is what a correction says: only what differs, so that a field that somebody else corrected meanwhile
 * stays as they left it. A service of quantity 0 was not given; a contact keeps at least one service, or its requests.
 */
export function correctionOf(row: ContactRow, now: Corrected): Correction['changes'] {
  const changes: Correction['changes'] = {}
  const services = now.services.filter((s) => s.quantity > 0).map(({ code, quantity }) => ({ code, quantity }))
  const before = row.services.map(({ code, quantity }) => ({ code, quantity }))
  const sorted = (all: Given[]) => JSON.stringify([...all].sort((a, b) => (a.code < b.code ? -1 : 1)))
  if (sorted(services) !== sorted(before)) changes.services = services
  if (now.group && now.group !== row.group) changes.group = now.group
  if (now.stage && now.stage !== row.stage) changes.stage = now.stage
  return changes
}
