// The worker's share on this device: the people of the last days at this point, expected arrivals, what was recorded,
// and what reading cards needs. It rests encrypted in the vault, in parts, and is in memory while the vault is open.

import { reactive } from 'vue'
import { call, Problem } from '../client'
import { instant, now } from '../clock'
import * as outbox from '../outbox'
import { either } from '../reach'
import type { Arrival, Contact, ContactDay, ContactRow, Day, Found, History, HistoryEntry, Instant, PersonFile, PersonToday, SearchQuery } from '../wire'
import * as vault from '../vault'
import { partsOf } from './alike'
import { answerOf, apply, emptyMemory, find, initials, type Around, type Changed, type Kept, type Memory, type Row } from './memory'

/** buckets is into how many parts people are divided: a change encrypts one of them anew. */
const buckets = 32
const bucketOf = (person: string) => 'people/' + (parseInt(person.slice(-2), 16) % buckets)

/** shared says what the screens may tell of the share: when the node last filled it, how many people it holds. */
export const shared = reactive({ open: false, at: '' as Instant, people: 0, loading: false })

let memory: Memory = emptyMemory()
let around: Around = { who: '', dayOf: (at) => at.slice(0, 10), openedFact: (p) => p, hidden: () => false }
let point = ''
let opening: Promise<void> | null = null
/** loaded names whose share of which point is in memory, or on its way there. */
let loaded = ''
const dirty = new Set<string>()
let saving: ReturnType<typeof setTimeout> | undefined
const facts = new Map<string, string>()

const hooks = { closed: (): Promise<void> => Promise.reject(new Problem('desk.vault_closed', 0)) }
/** watchShare tells who opens the vault when a personal page needs it. */
export function watchShare(given: Partial<typeof hooks>): void {
  Object.assign(hooks, given)
}

outbox.watchOutbox({
  written: (_, write) => touched(apply(memory, write, around)),
  refused: (key) => {
    // What the node did not take was not given; the list of what needs attention shows it.
    const entry = outbox.mine().find((e) => e.key === key)
    if (entry?.write.path === '/api/contacts' && memory.rows.delete((entry.write.body as { id: string }).id)) touched({ rows: true })
  },
})

function touched(c: Changed) {
  if (c.people) dirty.add(bucketOf(c.people))
  if (c.rows) dirty.add('rows')
  if (c.arrivals) dirty.add('arrivals')
  shared.people = memory.people.size
  if (dirty.size > 0 && vault.isOpen()) {
    clearTimeout(saving)
    saving = setTimeout(() => void save(), 1500)
  }
}
async function save(): Promise<void> {
  const parts = [...dirty]
  dirty.clear()
  for (const part of parts) {
    const value = part === 'rows' ? [...memory.rows.values()] : part === 'arrivals' ? [...memory.arrivals.values()] : [...memory.people].filter(([id]) => bucketOf(id) === part).map(([, kept]) => kept)
    // A full disk keeps the older part: what was done here stands in the outbox as well.
    await vault.put(part, value).catch(() => dirty.add(part))
  }
}

/** load brings the open vault's share into memory, and repeats what was done here and is not at the node yet. */
export function load(at: string, given: Omit<Around, 'openedFact'>): Promise<void> {
  const whose = `${vault.whose()} ${at}`
  if (opening && loaded === whose) return opening
  loaded = whose
  point = at
  around = { ...given, openedFact: (p) => facts.get(p) ?? p }
  opening = (async () => {
    if (!vault.isOpen()) return
    shared.loading = true
    const next = emptyMemory()
    const head = await vault.get<{ at: Instant; point: string }>('share')
    if (head && head.point === at) {
      next.at = head.at
      const names = Array.from({ length: buckets }, (_, i) => `people/${i}`)
      for (const list of await Promise.all(names.map((n) => vault.get<Kept[]>(n)))) for (const kept of list ?? []) next.people.set(kept.file.person, kept)
      for (const row of (await vault.get<Memory['rows'] extends Map<string, infer R> ? R[] : never>('rows')) ?? []) next.rows.set(row.contact, row)
      for (const a of (await vault.get<Arrival[]>('arrivals')) ?? []) next.arrivals.set(a.arrival, a)
    }
    await outbox.reload()
    for (const { write, mark } of outbox.mine()) {
      if (mark === 'attention') continue
      if (write.path === '/api/people') await openedFact((write.body as { id?: string }).id ?? '')
      apply(next, write, around)
    }
    memory = next
    prepareNames()
    Object.assign(shared, { open: true, at: next.at, people: next.people.size, loading: false })
  })().finally(() => (shared.loading = false))
  return opening
}
/** prepareNames makes the comparable forms of names while nobody waits, so that the first search does not. */
function prepareNames(): void {
  const m = memory
  const people = [...m.people.values()]
  const some = () => {
    if (m !== memory) return
    for (const { file } of people.splice(0, 100)) if (!m.names.has(file.person)) m.names.set(file.person, partsOf(file.name?.parts ?? []))
    if (people.length > 0) setTimeout(some, 20)
  }
  setTimeout(some, 500)
}
/** close forgets the share's memory; what rests on the device stays encrypted. */
export function close(): void {
  clearTimeout(saving)
  if (dirty.size > 0 && vault.isOpen()) void save()
  memory = emptyMemory()
  opening = null
  loaded = ''
  facts.clear()
  missed.clear()
  Object.assign(shared, { open: false, people: 0 })
}
/** ready waits for the share; when the vault is locked it asks for it to be opened first. */
async function ready(): Promise<void> {
  if (!vault.isOpen()) await hooks.closed()
  await (opening ?? Promise.resolve())
}

/** openedFact is the id that the node gives to the fact of opening a file (internal/fact.Derive): edits made here name it as what they replace. */
export async function openedFact(person: string): Promise<string> {
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`serai/reference/1\0people.opened\0${person}`))).slice(0, 16)
  sum[6] = (sum[6]! & 0x0f) | 0x80
  sum[8] = (sum[8]! & 0x3f) | 0x80
  const hex = Array.from(sum, (b) => b.toString(16).padStart(2, '0')).join('')
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  facts.set(person, id)
  return id
}

/** Handed is one person as the node hands it over for a device: the file, and what she had. */
interface Handed extends PersonFile { history?: HistoryEntry[]; unmet?: Kept['unmet']; last_day?: Day; last_point?: string; file?: PersonFile }
interface Share { at: Instant; point: string; people: Handed[]; arrivals: Arrival[]; contacts: ContactRow[] | { day: Day; contacts: ContactRow[] }[]; removed: string[]; all?: string[]; more: boolean; next?: string }

const missed = new Set<string>()
let refreshing: Promise<void> | null = null
/** refresh fetches what changed since the last full answer, page by page; what is not sent from here yet stays on top. */
export function refresh(): Promise<void> {
  refreshing ??= fill().then((lacks) => (lacks ? fill(true) : false)).then(() => {}).finally(() => (refreshing = null))
  return refreshing
}
/**
 * fill reports that somebody who may be on the device is not: who came into this worker's reach after they were recorded is
 * not among what changed, and is fetched by asking for everything.
 */
async function fill(whole = false): Promise<boolean> {
  if (!vault.isOpen() || !point) return false
  await ready()
  // Another point or another worker may take the device while pages arrive: what comes is theirs no longer.
  const [m, at] = [memory, point]
  let next: string | undefined
  // What leaves for the node while it answers is in no list yet.
  const made = madeHere()
  const since = whole ? undefined : m.at || undefined
  let first: Share | null = null
  do {
    const page: Share = await call<Share>('GET', '/api/share', { query: { point: at, since, next }, timeout: 60_000, quiet: true })
    if (m !== memory || at !== point || !vault.isOpen()) return false
    first ??= page
    for (const id of page.removed ?? []) gone(m, id)
    for (const given of page.people) {
      const { history = [], unmet = [], last_day, last_point, file, ...rest } = given
      take({ file: file ?? (rest as PersonFile), history, unmet, last_day, last_point })
    }
    for (const a of page.arrivals ?? []) m.arrivals.set(a.arrival, a)
    for (const c of page.contacts ?? []) {
      if ('contacts' in c) for (const row of c.contacts) m.rows.set(row.contact, { ...row, point: at, day: c.day })
      else m.rows.set(c.contact, { ...c, point: at, day: (c as ContactRow & { day?: Day }).day ?? around.dayOf(c.happened) })
    }
    next = page.more ? page.next : undefined
  } while (next)
  const may = first?.all && new Set(first.all)
  if (may) only(m, may, made)
  // Rows older than yesterday serve nobody on this device any more.
  const oldest = new Date(now() - 3 * 86_400_000).toISOString().slice(0, 10)
  for (const [id, row] of m.rows) if (row.day < oldest) m.rows.delete(id)
  for (const [id, a] of m.arrivals) if (a.day < oldest) m.arrivals.delete(id)
  dirty.add('rows').add('arrivals')
  for (const { write, mark } of outbox.mine()) if (mark !== 'attention') apply(m, write, around)
  m.at = first!.at
  Object.assign(shared, { at: m.at, people: m.people.size, open: true })
  prepareNames()
  await save()
  await vault.put('share', { at: m.at, point: at })
  const lacks = may ? [...may].filter((id) => !m.people.has(id) && !missed.has(id)) : []
  // Who does not come with everything is not asked for again and again.
  if (whole || !since) for (const id of lacks) missed.add(id)
  return !whole && Boolean(since) && lacks.length > 0
}
function gone(m: Memory, person: string) {
  m.people.delete(person)
  m.names.delete(person)
  facts.delete(person)
  dirty.add(bucketOf(person))
}
const madeHere = () => new Set(outbox.mine().flatMap((e) => (e.write.path === '/api/people' ? [(e.write.body as { id: string }).id] : [])))
/**
 * only lets go of everybody whom the node does not name: an erasure reaches a device this way, since the node cannot name
 * whom it forgot. Whose file was made here and is not at the node yet stays.
 */
function only(m: Memory, may: Set<string>, made: Set<string>): void {
  const own = madeHere()
  const stays = (person: string) => may.has(person) || own.has(person) || made.has(person)
  for (const id of [...m.people.keys()]) if (!stays(id)) gone(m, id)
  for (const row of m.rows.values()) {
    if (!row.person || stays(row.person)) continue
    delete row.person
    row.initials = null
  }
}
function take(kept: Kept) {
  memory.people.set(kept.file.person, kept)
  memory.names.delete(kept.file.person)
  dirty.add(bucketOf(kept.file.person))
}

// What screens read. Each answers undefined for what this device does not have.

/** seen keeps a file that the node has just shown, so that it can be opened again without it. */
export function seen(file: PersonFile, history?: History): void {
  const before = memory.people.get(file.person)
  take({ file, history: history?.entries ?? before?.history ?? [], unmet: history?.unmet ?? before?.unmet ?? [], last_day: before?.last_day, last_point: before?.last_point })
  for (const { write, mark } of outbox.mine()) if (mark !== 'attention') apply(memory, write, around)
  touched({ people: file.person })
}
export async function file(person: string): Promise<PersonFile | undefined> {
  await ready()
  return memory.people.get(person)?.file
}
/** fileNow is the file as it stands in memory, for a write that has just changed it. */
export const fileNow = (person: string): PersonFile | undefined => memory.people.get(person)?.file
export async function historyOf(person: string): Promise<History | undefined> {
  await ready()
  const kept = memory.people.get(person)
  return kept ? { entries: kept.history, unmet: kept.unmet } : undefined
}
export const historyNow = (person: string): History | undefined => {
  const kept = memory.people.get(person)
  return kept && { entries: kept.history, unmet: kept.unmet }
}
export async function search(q: SearchQuery): Promise<{ results: Found[]; more: boolean } | undefined> {
  await ready()
  if (q.card !== undefined || !q.name) return undefined
  const { found, more } = find(memory, { ...q, name: q.name })
  return { results: found.map(({ file: f, last_day, last_point }) => ({ person: f.person, name: f.name, sex: f.sex, age: f.age, last_day, last_point })), more }
}
export async function peopleToday(at: string, day: Day): Promise<{ people: PersonToday[] } | undefined> {
  await ready()
  const people: PersonToday[] = []
  for (const kept of memory.people.values()) {
    const served = kept.history.some((h) => h.day === day && h.source === 'here' && (!h.point || h.point.id === undefined || h.point.id === at))
    const made = kept.file.point === at && around.dayOf(kept.file.created) === day
    if (served || made) people.push({ person: kept.file.person, initials: initials(kept.file), sex: kept.file.sex, arrived: kept.file.created, served })
  }
  return { people }
}
/** alsoToday adds to the node's list whoever's file was made here and is not at the node yet. */
export function alsoToday(at: string, given: PersonToday[]): { people: PersonToday[] } {
  const known = new Set(given.map((p) => p.person))
  const own = outbox.mine().filter((e) => e.write.path === '/api/people' && e.mark !== 'attention').map((e) => memory.people.get((e.write.body as { id: string }).id))
  const here = own.filter((k): k is Kept => k?.file.point === at && !known.has(k.file.person))
  return { people: [...given, ...here.map((k) => ({ person: k.file.person, initials: initials(k.file), sex: k.file.sex, arrived: k.file.created, served: k.history.length > 0 }))] }
}
const inOrder = <T extends { happened: Instant }>(rows: T[]): T[] => rows.sort((a, b) => Date.parse(b.happened) - Date.parse(a.happened))
export function contactsNow(at: string, day: Day): ContactDay {
  const contacts = inOrder([...memory.rows.values()].filter((r) => r.point === at && r.day === day))
  const counted = contacts.filter((r) => r.state !== 'undone')
  const services = counted.reduce((sum, r) => sum + r.services.length * (r.entry === 'live' ? Math.max(1, r.persons) : 1), 0)
  return { day, contacts, totals: { services, contacts: counted.length, known: counted.filter((r) => r.person || r.initials).length } }
}
export async function contacts(at: string, day: Day): Promise<ContactDay | undefined> {
  await ready()
  return contactsNow(at, day)
}
/** giveContacts takes the node's list of a day; what was done here and is not sent yet is put on top of it. */
export function giveContacts(at: string, given: ContactDay): ContactDay {
  const before = new Map([...memory.rows.values()].filter((r) => r.point === at && r.day === given.day).map((r) => [r.contact, r]))
  for (const id of before.keys()) memory.rows.delete(id)
  for (const row of given.contacts) memory.rows.set(row.contact, { ...row, point: at, day: given.day, ...(before.get(row.contact)?.person ? { person: before.get(row.contact)!.person } : {}) })
  let own = false
  for (const { write, mark } of outbox.mine()) {
    if (mark === 'attention') continue
    const c = apply(memory, write, around)
    own ||= Boolean(c.rows)
  }
  touched({ rows: true })
  return own ? contactsNow(at, given.day) : given
}
/** rowsOf picks contacts that this device holds. */
export const rowsOf = (fits: (row: Row) => boolean): Row[] => [...memory.rows.values()].filter(fits)

/** today is the operating day of this device, contactNow a contact as it stands here. */
export const today = (): Day => around.dayOf(instant())
export const contactNow = (id: string): Contact | undefined => {
  const row = memory.rows.get(id)
  return row && answerOf(row)
}
/** arrivalsNow adds what was recorded here and is not at the node yet to the node's own list. */
export function arrivalsNow(at: string, day: Day, given: Arrival[]): { arrivals: Arrival[] } {
  const known = new Set(given.map((a) => a.arrival))
  const own = outbox.mine().filter((e) => e.write.path === '/api/arrivals' && e.mark !== 'attention').map((e) => (e.write.body as { id: string }).id)
  const here = own.filter((id) => !known.has(id)).map((id) => memory.arrivals.get(id)).filter((a): a is Arrival => a?.point === at && a.day === day)
  return { arrivals: inOrder([...given, ...here]) }
}
export async function arrivals(at: string, day: Day): Promise<{ arrivals: Arrival[] } | undefined> {
  await ready()
  return { arrivals: inOrder([...memory.arrivals.values()].filter((a) => a.point === at && a.day === day)) }
}
export function giveArrivals(given: Arrival[]): void {
  for (const a of given) memory.arrivals.set(a.arrival, a)
  for (const { write, mark } of outbox.mine()) if (mark !== 'attention') apply(memory, write, around)
  touched({ arrivals: true })
}

/** remembered answers from the node and keeps the answer, encrypted, for when the node is silent. */
export function remembered<T>(name: string, remote: () => Promise<T>): Promise<T> {
  return either(
    async () => {
      const answer = await remote()
      void vault.put('answers/' + name, { at: Date.now(), answer }).catch(() => {})
      return answer
    },
    // A locked vault is not opened for figures: the page says that the node is silent.
    async () => (await vault.get<{ at: number; answer: T }>('answers/' + name))?.answer,
  )
}
