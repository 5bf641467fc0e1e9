// The worker's share in memory: what the node handed over, and on top of it what was done here and has not been sent.
// Pure: no storage, no network; the same record twice changes nothing.

import type { Arrival, Basis, Contact, ContactRow, Day, FileChanges, Given, HistoryEntry, Instant, OpenFile, PersonFile, RecordArrival, RecordContact } from '../wire'
import { instant } from '../clock'
import type { Write } from '../outbox'
import { partsOf, score, type Part } from './alike'

/** Had is one service of the history; contact is known for what was recorded on this device. */
export interface Had extends HistoryEntry { contact?: string }
export interface Kept { file: PersonFile; history: Had[]; unmet: { day: Day; code: string; reason: string }[]; last_day?: Day; last_point?: string }
export interface Row extends ContactRow { point: string; day: Day; person?: string; card?: string }
export interface Memory {
  /** at is the node's time of the last full answer, empty when there was none. */
  at: Instant
  people: Map<string, Kept>
  rows: Map<string, Row>
  arrivals: Map<string, Arrival>
  /** names holds the comparable parts of each name, made when first searched. */
  names: Map<string, Part[]>
}
export const emptyMemory = (): Memory => ({ at: '', people: new Map(), rows: new Map(), arrivals: new Map(), names: new Map() })

/** Around is what a record here needs of its surroundings. */
export interface Around {
  who: string
  dayOf: (at: Instant) => Day
  openedFact: (person: string) => string
  /** button is what a button of the tally says of a person. */
  button?: (code: string) => { sex: string; age_low: number; age_high: number } | undefined
  /** hidden tells whether this worker may not see a need once it is recorded: sealed ones go to their team alone. */
  hidden: (need: string) => boolean
}

/** changed tells which parts of the share a write touched, so that only they are encrypted anew. */
export type Changed = { people?: string; rows?: boolean; arrivals?: boolean }

export const initials = (file: Pick<PersonFile, 'name'> | undefined): string =>
  (file?.name?.parts ?? []).map((p) => /\p{L}/u.exec(p)?.[0]).filter(Boolean).slice(0, 3).map((l) => l!.toUpperCase() + '.').join(' ')

/** apply repeats on the device what a write will do at the node, as far as the screens of a day show it. */
export function apply(m: Memory, write: Write, around: Around): Changed {
  const path = write.path.split('/').slice(2)
  const body = (write.body ?? {}) as never
  switch (path[0]) {
    case 'contacts':
      if (path.length === 1) return contact(m, body, around)
      if (path[2] === 'undo') return undo(m, path[1]!)
      if (path[2] === 'corrections') return correction(m, path[1]!, body)
      return {}
    case 'arrivals':
      if (path.length === 1) return arrival(m, body, around)
      return path[2] === 'link' ? linked(m, path[1]!, body) : {}
    case 'people':
      if (path.length === 1 && write.method === 'POST') return opened(m, body, around)
      return person(m, write.method, path.slice(1), body, around)
  }
  return {}
}

function contact(m: Memory, c: RecordContact, around: Around): Changed {
  const happened = c.happened ?? instant()
  const day = around.dayOf(happened)
  const kept = c.person ? m.people.get(c.person) : undefined
  const persons = c.tally ? Object.values(c.tally.buttons).reduce((a, b) => a + b, 0) : (c.for_persons ?? 1)
  const tapped = c.tally && persons === 1 ? around.button?.(Object.keys(c.tally.buttons)[0]!) : undefined
  const age = c.age ?? (tapped ? { low: tapped.age_low, high: tapped.age_high } : kept?.file.age)
  const known = m.rows.has(c.id)
  if (!known) m.rows.set(c.id, {
    contact: c.id, point: c.point, day, happened, recorded: happened, initials: kept ? initials(kept.file) : null, persons, sex: c.sex ?? tapped?.sex ?? kept?.file.sex,
    ...(age ? { age_band: band(age) } : {}), services: inOrder(c.services), asked: c.asked, entry: c.entry, mine: true, ...(c.group ? { group: c.group } : {}), ...(c.stage ? { stage: c.stage } : {}), ...(c.arrival ? { arrival: c.arrival } : {}), ...(c.person ? { person: c.person } : {}), ...(c.card ? { card: c.card } : {}),
  })
  if (!kept || !c.person || kept.history.some((h) => h.contact === c.id)) return known ? {} : { rows: true }
  kept.history = [...c.services.map((s): Had => ({ day, service: s.code, quantity: s.quantity, source: 'here', point: { id: c.point }, contact: c.id })), ...kept.history]
  kept.unmet = [...c.asked.map((a) => ({ day, code: a.code, reason: a.reason })), ...kept.unmet]
  kept.last_day = day
  kept.last_point = c.point
  return { rows: true, people: c.person }
}
const inOrder = (given: readonly Given[]): Given[] => [...given].sort((a, b) => (a.code < b.code ? -1 : 1))
/** The first years of the atoms of age, and how an interval is named by them: internal/catalogue.Span. */
const atoms = [0, 5, 6, 12, 13, 18, 30, 40, 50, 60, 70, 80]
function band({ low, high }: { low: number; high: number }): string {
  const [i, j] = [low, high].map((year) => atoms.findLastIndex((first) => year >= first)) as [number, number]
  if (i !== j && low < 18 && high >= 18) return 'unsplit'
  if (i === 0 && j === 4) return 'child'
  if (i === 5 && j === atoms.length - 1) return 'adult'
  const last = atoms[j + 1]
  return last === undefined ? `${atoms[i]}+` : last - 1 === atoms[i] ? String(atoms[i]) : `${atoms[i]}-${last - 1}`
}

function undo(m: Memory, id: string): Changed {
  const row = m.rows.get(id)
  if (!row || row.state === 'undone') return {}
  row.state = 'undone'
  const kept = row.person ? m.people.get(row.person) : undefined
  if (kept) {
    for (const s of row.services) {
      const at = kept.history.findIndex((h) => h.day === row.day && h.service === s.code && h.quantity === s.quantity && h.source === 'here')
      if (at >= 0) kept.history.splice(at, 1)
    }
  }
  return { rows: true, ...(kept ? { people: row.person } : {}) }
}
function correction(m: Memory, id: string, given: { id?: string; replaces?: string[]; changes: Partial<Pick<ContactRow, 'services' | 'group' | 'stage'>> }): Changed {
  const row = m.rows.get(id)
  if (!row) return {}
  Object.assign(row, given.changes)
  // The next correction replaces this one; what it settles is open no more.
  const left = (row.edits ?? []).filter((e) => e !== given.id && !given.replaces?.includes(e))
  row.edits = given.id ? [...left, given.id] : left
  if (row.conflicts) row.conflicts = row.conflicts.filter((c) => !(c.field in given.changes && c.values?.every((v) => given.replaces?.includes(v.fact))))
  return { rows: true }
}
function arrival(m: Memory, a: RecordArrival, around: Around): Changed {
  if (m.arrivals.has(a.id)) return {}
  const happened = a.happened ?? instant()
  const total = Object.values(a.size).reduce((sum, n) => sum + (n ?? 0), 0)
  m.arrivals.set(a.id, { arrival: a.id, point: a.point, day: around.dayOf(happened), happened, kind: a.kind, total, linked: 0, services: a.services ?? [], asked: a.asked ?? [], state: 'recorded' })
  // The whole of an arrival is one contact of the day, as at the node.
  if (!m.rows.has(a.id)) m.rows.set(a.id, { contact: a.id, point: a.point, day: around.dayOf(happened), happened, recorded: happened, persons: total, services: inOrder(a.services ?? []), asked: a.asked ?? [], entry: 'bulk', mine: true, arrival: a.id })
  return { arrivals: true, rows: true }
}
function linked(m: Memory, id: string, { contact, contacts }: { contact?: string; contacts?: string[] }): Changed {
  const a = m.arrivals.get(id)
  for (const one of [...(contacts ?? []), ...(contact ? [contact] : [])]) {
    const row = m.rows.get(one)
    if (!row || row.arrival) continue
    row.arrival = id
    if (a) a.linked++
  }
  return { arrivals: true, rows: true }
}

function opened(m: Memory, o: OpenFile, around: Around): Changed {
  const id = o.id
  if (!id || m.people.has(id)) return {}
  const head = [around.openedFact(id)]
  const created = instant()
  m.people.set(id, {
    file: {
      person: id, name: o.name ?? null, sex: o.sex, age: o.age ?? null, languages: o.languages, interpreter: o.interpreter, needs: o.needs.filter((n) => !around.hidden(n)), point: o.point, created, recorded_by: around.who,
      state: 'open', heads: { name: head, sex: head, age: head, languages: head, interpreter: head }, bases: [{ ...o.basis, state: 'given', day: around.dayOf(created), recorded_by: around.who }], companions: [],
    },
    history: [], unmet: [], last_day: around.dayOf(created), last_point: o.point,
  })
  return { people: id }
}

function person(m: Memory, method: string, path: string[], body: unknown, around: Around): Changed {
  const id = decodeURIComponent(path[0]!)
  const kept = m.people.get(id)
  if (!kept) return {}
  const f = kept.file
  if (path.length === 1 && method === 'PATCH') change(f, body as { id: string; changes: FileChanges }, around)
  else if (path[1] === 'bases' && path.length === 2) basis(f, body as Basis, around)
  else if (path[1] === 'bases' && path[3] === 'withdraw') {
    for (const b of f.bases ?? []) if (b.id === decodeURIComponent(path[2]!)) Object.assign(b, { state: 'withdrawn', withdrawn: around.dayOf(instant()) })
  } else if (path[1] === 'events') {
    const { id: event, kind, on, note } = body as { id: string; kind: string; on: Day; note?: string }
    f.events ??= []
    if (!f.events.some((e) => e.id === event)) f.events.push({ id: event, kind, on, ...(note ? { note } : {}), recorded_by: around.who })
    if (kind === 'died') f.state = 'died'
    if (kind === 'moved_on') f.state = 'moved_on'
  } else if (path[1] === 'companions') companion(m, f, method, method === 'DELETE' ? decodeURIComponent(path[2] ?? '') : (body as { with: string }).with, (body as { relation?: string } | null)?.relation, around)
  else return {}
  m.names.delete(id)
  return { people: id }
}
function change(f: PersonFile, { id, changes: c }: { id: string; changes: FileChanges }, around: Around) {
  if (c.name) f.name = c.name.value ?? null
  if (c.sex) f.sex = c.sex.value
  if (c.age) f.age = c.age.value ?? null
  if (c.languages) f.languages = c.languages.value
  if (c.interpreter) f.interpreter = c.interpreter.value
  for (const field of ['name', 'sex', 'age', 'languages', 'interpreter'] as const) if (c[field]) f.heads[field] = [id]
  if (f.conflicts) f.conflicts = f.conflicts.filter((k) => !k.values?.every((v) => c[k.field as 'name']?.replaces?.includes(v.fact)))
  f.needs = [...f.needs.filter((n) => !c.needs_remove?.includes(n)), ...(c.needs_add ?? []).filter((n) => !f.needs.includes(n) && !around.hidden(n))]
}
function basis(f: PersonFile, b: Basis, around: Around) {
  f.bases ??= []
  if (!f.bases.some((old) => old.id && old.id === b.id)) f.bases.push({ ...b, state: 'given', day: around.dayOf(instant()), recorded_by: around.who })
}
function companion(m: Memory, f: PersonFile, method: string, other: string, relation: string | undefined, around: Around) {
  // Leaving is said by one and shown to both; nobody heads a group.
  for (const [a, b] of [[f, other], [m.people.get(other)?.file, f.person]] as const) {
    if (!a || !b) continue
    a.companions = (a.companions ?? []).filter((c) => c.person !== b)
    if (method !== 'DELETE') a.companions.push({ person: b, since: around.dayOf(instant()), ...(relation ? { relation } : {}) })
  }
}

/** answerOf is what a contact's command would answer, for a screen that waits for it without the node. */
export const answerOf = (row: Row): Contact => ({ contact: row.contact, point: row.point, day: row.day, happened: row.happened, recorded: row.recorded, services: row.services, asked: row.asked, questions: [] })

export interface Asked { name: string; sex?: string; age?: number; language?: string; point?: string; since?: Day }

/** find is the node's search over the share: at most three, the best first, and whether more would answer. */
export function find(m: Memory, q: Asked, most = 3): { found: Kept[]; more: boolean } {
  const asked = partsOf(q.name.split(/\s+/))
  const hits: { kept: Kept; worth: number }[] = []
  for (const [id, kept] of m.people) {
    const f = kept.file
    if (q.sex && f.sex !== q.sex && f.sex !== 'U' && f.sex !== 'N') continue
    if (q.age !== undefined && f.age && (q.age < f.age.low - 3 || q.age > f.age.high + 3)) continue
    if (q.language && f.languages.length > 0 && !f.languages.includes(q.language)) continue
    if (q.point && f.point !== q.point && kept.last_point !== q.point) continue
    if (q.since && (kept.last_day ?? '') < q.since) continue
    let parts = m.names.get(id)
    if (!parts) m.names.set(id, (parts = partsOf(f.name?.parts ?? [])))
    const worth = score(asked, parts)
    if (worth >= 0.55) hits.push({ kept, worth })
  }
  hits.sort((a, b) => b.worth - a.worth || (b.kept.last_day ?? '').localeCompare(a.kept.last_day ?? ''))
  return { found: hits.slice(0, most).map((h) => h.kept), more: hits.length > most }
}
