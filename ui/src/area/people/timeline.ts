import { today } from '@/app/format'
import type { Basis, Day, History, LifeEvent, PersonFile } from '@/data/wire'

/** Moment is one thing that happened to a person, whatever kind of record tells of it. */
export type Moment = { day: Day; where?: string } & (
  | { kind: 'help'; service: string; quantity: number; source: 'here' | 'card' | 'other' }
  | { kind: 'unmet'; code: string; reason: string }
  | { kind: 'event'; event: LifeEvent }
  | { kind: 'basis' | 'withdrawn'; basis: Basis }
  | { kind: 'companion'; relation: string }
  | { kind: 'opened' }
)

// Within a day the file is opened before anybody agrees or is helped: nothing tells the hour of all of them.
const order: Moment['kind'][] = ['withdrawn', 'event', 'unmet', 'help', 'companion', 'basis', 'opened']

/** timeline is all of a file in one order, the newest day first. */
export function timeline(file: PersonFile, past: History | null): { day: Day; moments: Moment[] }[] {
  const all: Moment[] = [{ kind: 'opened', day: today(new Date(file.created)) }]
  for (const e of past?.entries ?? []) {
    all.push({ kind: 'help', day: e.day, where: e.point?.name ?? e.point?.code, service: e.service, quantity: e.quantity, source: e.source })
  }
  for (const u of past?.unmet ?? []) all.push({ kind: 'unmet', day: u.day, code: u.code, reason: u.reason })
  for (const event of file.events ?? []) all.push({ kind: 'event', day: event.on, event })
  for (const c of file.companions ?? []) if (c.since) all.push({ kind: 'companion', day: c.since, relation: c.relation ?? '' })
  for (const basis of file.bases ?? []) {
    if (basis.day) all.push({ kind: 'basis', day: basis.day, basis })
    if (basis.withdrawn) all.push({ kind: 'withdrawn', day: basis.withdrawn, basis })
  }
  const days = new Map<Day, Moment[]>()
  for (const m of all) days.set(m.day, [...(days.get(m.day) ?? []), m])
  return [...days]
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .map(([day, moments]) => ({ day, moments: moments.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind)) }))
}
