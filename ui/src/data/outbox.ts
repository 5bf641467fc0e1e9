// What was tapped is never in doubt: every record of the desk passes through this queue and carries one mark.
//   saving     not yet kept anywhere but in this open page
//   waiting    saved on this device: it survives reload, crash, log-out, update, a forgotten PIN and the next worker
//   sent       the node has it
//   attention  the node refused it: reason and remedy are shown, and it stays until somebody deals with it
//   unsaved    this device could not keep it (full, or storage is forbidden); it lives in this page and is tried on
// A piece of work is sealed to the node and signed with the worker's device key before it is saved. Ids and idempotency
// keys are made here, so that sending twice records once. Work of one subject leaves in its order.

import { computed, reactive } from 'vue'
import { call, Problem } from './client'
import { fromBase64, toBase64, utf8 } from './bytes'
import { now, raw } from './clock'
import { sealTo, sign } from './seal'
import { able, lost, reopen, store, type Held } from './store'
import { born, nodeKey, readOwn, sealOwn, signer, whose } from './vault'
import { uuid7 } from './uuid7'

export type Mark = 'saving' | 'waiting' | 'sent' | 'attention' | 'unsaved'
export interface Write {
  method: 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  path: string
  body: unknown
  /** subject keeps order: writes of one subject leave one after the other. */
  subject: string
  /** label is a key of the word lists, for the list of what needs attention. */
  label: string
  /** quiet work is not shown among what waits: looks at persons made offline. */
  quiet?: boolean
  /** key is made by the caller when the same work may be asked for twice. */
  key?: string
}
export interface Entry<T = unknown> {
  key: string
  account: string
  label: string
  at: number
  mark: Mark
  tries: number
  quiet: boolean
  problem: Problem | null
  answer: T | null
  /** write is known for what this page recorded and for what the open vault could read; other workers' is not. */
  write: Write | null
}
export interface Recorded<T> {
  entry: Entry<T>
  /** saved resolves as soon as this device has it, and rejects only when it could not be kept. */
  saved: Promise<void>
  /** done resolves with the node's answer, which may be days away, and rejects only when the node refused. */
  done: Promise<T>
}

/** most is how much one request carries, in entries and in letters: the node takes 4 MiB. */
const most = 100
const longest = 2_500_000
const nodeInfo = 'serai outbox 1'
/** old is when unsent work becomes a reason to nag. */
export const old = 24 * 3_600_000

const keyTrouble = /^outbox\.(unknown_key|key_ended|sealed_otherwise)$/

interface Ends { done: (answer: unknown) => void; failed: (err: Problem) => void }
const state = reactive({ entries: [] as Entry[], ready: false })
const ends = new Map<string, Ends>()
/** loose are entries that no storage holds; they are sent as they are, while this page is open. */
const loose = new Map<string, Write>()
const inFlight = new Set<string>()
const hooks = { written: (_: Entry, __: Write) => {}, sent: (_: string) => {}, refused: (_: string) => {} }
let timer: ReturnType<typeof setTimeout> | undefined
let line: Promise<void> = Promise.resolve()
let running = false
/** more: something was recorded while a round went on; atOnce: somebody, or the network, does not want to wait. */
let more = false
let atOnce = false
let failures = 0
let acting = ''
const actor = () => acting || signer()?.account || ''

/** actsFor names the account that is at this desk: what only this page holds is signed and sent as its maker's or not at all. */
export function actsFor(account: string): void {
  acting = account
}
/** hush takes what was recorded out of the page's memory: the next worker at this tablet does not read the drafts of the last. */
export function hush(): void {
  for (const e of state.entries) Object.assign(e, { write: null, answer: null })
}

/** watchOutbox tells the local share what was written here, and what the node then took or refused. */
export function watchOutbox(given: Partial<typeof hooks>): void {
  Object.assign(hooks, given)
}

const waits = (e: Entry) => e.mark === 'waiting' || e.mark === 'saving' || e.mark === 'unsaved'
export const unsent = computed(() => state.entries.filter((e) => waits(e) && !e.quiet).length)
export const needAttention = computed(() => state.entries.filter((e) => e.mark === 'attention'))
export const waiting = computed(() => state.entries.filter((e) => waits(e) && !e.quiet))
export const unsaved = computed(() => state.entries.filter((e) => e.mark === 'unsaved').length)
/** oldest is the time of the oldest unsent work, by this device's clock; 0 for none. */
export const oldest = computed(() => state.entries.reduce((at, e) => (waits(e) ? Math.min(at || e.at, e.at) : at), 0))

// Tabs of one browser share the queue: each tells the others when it changed.
const tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('serai-outbox')
if (tabs) tabs.onmessage = (event: MessageEvent<{ sent?: string[] } | null>) => {
  // What another tab sent is at the node: whoever waits here for it goes on, without the answer.
  for (const key of event.data?.sent ?? []) arrived(key, undefined)
  void reload()
}
const tell = (sent: string[] = []) => tabs?.postMessage({ sent })

/** start loads what earlier openings left, and begins to send. */
export async function start(): Promise<void> {
  await reload()
  state.ready = true
  void run()
}

/** reload reads the queue anew: after a start, after another tab worked on it, after an unlock that lets own work be read. */
export async function reload(): Promise<void> {
  if (!(await able())) return
  // What is being written down meanwhile is not among the rows, and is not gone.
  const stood = state.entries.filter((e) => e.mark === 'waiting' || e.mark === 'attention')
  let rows: Held[]
  try {
    await regain()
    rows = await store.outbox.orderBy('n').toArray()
  } catch {
    return
  }
  const there = new Set(rows.map((r) => r.key))
  for (const r of rows) {
    const known = state.entries.find((e) => e.key === r.key)
    const entry = known ?? reactive<Entry>({ key: r.key, account: r.account, label: r.label, at: r.at, mark: r.mark, tries: r.tries, quiet: Boolean(r.quiet), problem: null, answer: null, write: null })
    if (!known) state.entries.push(entry)
    entry.tries = r.tries
    if (entry.mark !== 'sent') entry.mark = r.mark
    entry.problem = r.problem ? new Problem(r.problem.code, r.problem.status, r.problem.detail, r.problem.errors) : null
    if (!entry.write && r.account === whose()) entry.write = (await readOwn<Write>(r.key, r.own)) ?? null
  }
  // What is no longer there was sent, or dealt with, by another tab.
  for (const e of stood) {
    if ((e.mark === 'waiting' || e.mark === 'attention') && !there.has(e.key) && !loose.has(e.key)) forget(e)
  }
}

/** regain keeps anew what this page still knows, after the browser threw the storage away under it. */
async function regain(): Promise<void> {
  if (!(await lost())) return
  for (const e of [...state.entries]) {
    if (!e.write || e.account !== actor() || (e.mark !== 'waiting' && e.mark !== 'attention')) continue
    e.mark = 'saving'
    await inLine(() => keep(e, e.write!)).catch(() => {})
  }
}

/** mine is the work of the open vault that the node does not have yet, oldest first: the local share repeats it. */
export const mine = (): { key: string; write: Write; mark: Mark }[] =>
  state.entries.filter((e) => e.write && e.account === whose() && e.mark !== 'sent').map((e) => ({ key: e.key, write: e.write!, mark: e.mark }))

/** record keeps a write on this device and sends it when the node is there. The entry shows its mark at once. */
export function record<T>(write: Write): Recorded<T> {
  const held: Write = { ...write, key: write.key ?? uuid7() }
  const entry = reactive<Entry>({ key: held.key!, account: actor(), label: write.label, at: raw(), mark: 'saving', tries: 0, quiet: Boolean(write.quiet), problem: null, answer: null, write: held })
  state.entries.push(entry)
  const done = new Promise<T>((resolve, reject) => ends.set(entry.key, { done: resolve as (answer: unknown) => void, failed: reject }))
  // Who only needs the mark may ignore the promise.
  done.catch(() => {})
  hooks.written(entry, held)
  // Sealing goes on side by side; what is written down keeps the order of the taps.
  const sealed = heldOf(entry, held)
  sealed.catch(() => {})
  const saved = inLine(() => keep(entry, held, sealed))
  void saved.then(soon, soon)
  return { entry: entry as Entry<T>, saved, done }
}

/** inLine writes one after the other: two that find the storage gone must not take it from each other while they open it anew. */
function inLine(write: () => Promise<void>): Promise<void> {
  const written = line.then(write)
  line = written.catch(() => {})
  return written
}

/** keep seals, signs and writes one piece of work; what storage refuses stays in the page and says so. */
async function keep(entry: Entry, write: Write, sealed = heldOf(entry, write)): Promise<void> {
  try {
    const row = await sealed
    if (!row) {
      loose.set(entry.key, write)
      entry.mark = 'unsaved'
      return
    }
    const used = store
    try {
      await used.outbox.add(row)
    } catch (err) {
      const why = [(err as Error).name, (err as { inner?: Error }).inner?.name].join(' ')
      if (/Quota/.test(why)) throw err
      // Asked for twice, it is there already. Otherwise the browser closed or cleared the database under the open page:
      // once more, into a new one.
      if (!/Constraint/.test(why)) {
        if (used === store) await reopen()
        await store.outbox.add(row)
        void regain()
      }
    }
    loose.delete(entry.key)
    if (entry.mark === 'saving' || entry.mark === 'unsaved') entry.mark = 'waiting'
    tell()
  } catch {
    loose.set(entry.key, write)
    entry.mark = 'unsaved'
    throw new Problem('desk.not_saved', 0)
  }
}

async function heldOf(entry: Entry, write: Write): Promise<Held | null> {
  if (!(await able())) return null
  const [node, by] = [await nodeKey(), signer()]
  if (!node || !by) return null
  const { method, path, body } = write
  const plain = utf8(JSON.stringify({ method, path, body, at: entry.at, offset: Math.round(now() - raw()) }))
  const own = await sealOwn(by.vault, entry.key, write)
  const { enc, sealed } = await sealTo(fromBase64(node.public), nodeInfo, `1|${entry.key}|${by.signer.id}`, plain)
  const subject = toBase64((await crypto.subtle.digest('SHA-256', utf8(write.subject))).slice(0, 9))
  const sig = await sign(by.signer, `${nodeInfo}|${entry.key}|${by.signer.id}|${enc}|${sealed}|${subject}`)
  return { key: entry.key, account: by.account, node: node.node, at: entry.at, label: write.label, quiet: write.quiet, mark: 'waiting', tries: 0, signer: by.signer.id, subject, enc, sealed, sig, own }
}

/** subjectOf is the subject of unsent work with this id, or the id itself: what undoes it must not overtake it. */
export const subjectOf = (id: string): string =>
  state.entries.find((e) => waits(e) && (e.write?.body as { id?: string } | null | undefined)?.id === id)?.write?.subject ?? id

/** takeBack removes a write that has never been tried, so that the node never hears of it; it reports whether it could. */
export async function takeBack(entry: Entry): Promise<boolean> {
  if (entry.tries > 0 || inFlight.has(entry.key) || (entry.mark !== 'waiting' && entry.mark !== 'unsaved')) return false
  if (loose.delete(entry.key)) {
    forget(entry)
    hooks.refused(entry.key)
    return true
  }
  try {
    const gone = await store.transaction('rw', store.outbox, async () => {
      const row = await store.outbox.where('key').equals(entry.key).first()
      if (!row || row.tries > 0) return false
      await store.outbox.delete(row.n!)
      return true
    })
    if (gone) {
      forget(entry)
      hooks.refused(entry.key)
      tell()
    }
    return gone
  } catch {
    return false
  }
}

/** dismiss takes a refused write off the list, after somebody has dealt with it. */
export async function dismiss(entry: Entry): Promise<void> {
  if (entry.mark !== 'attention') return
  await store.outbox.where('key').equals(entry.key).delete().catch(() => {})
  loose.delete(entry.key)
  forget(entry)
  tell()
}

/** retry sends a refused write once more, unchanged: after its reason was removed (a role given back, a point opened). */
export async function retry(entry: Entry): Promise<void> {
  if (entry.mark !== 'attention') return
  entry.mark = loose.has(entry.key) ? 'unsaved' : 'waiting'
  entry.problem = null
  await store.outbox.where('key').equals(entry.key).modify((row) => {
    row.mark = 'waiting'
    delete row.problem
  }).catch(() => {})
  again()
}

/** again tries what waits, now: on a tap, or because the network came back. */
export function again(): void {
  failures = 0
  atOnce = true
  clearTimeout(timer)
  void run()
}

/** clear forgets the open page's part of the queue; what is kept on the device stays there. For tests and for a wiped device. */
export function clear(): void {
  clearTimeout(timer)
  loose.clear()
  ends.clear()
  inFlight.clear()
  state.entries.length = 0
  failures = 0
}

function forget(entry: Entry) {
  const at = state.entries.findIndex((e) => e.key === entry.key)
  if (at >= 0) state.entries.splice(at, 1)
  ends.delete(entry.key)
}

/** soon runs, unless the node was silent a moment ago: a tally of forty taps must not wake the radio forty times. */
function soon(): void {
  if (timer === undefined) void run()
}

/** run sends what waits. One tab does it at a time; whatever is recorded meanwhile goes with the next round. */
async function run(): Promise<void> {
  if (running) {
    more = true
    return
  }
  running = true
  clearTimeout(timer)
  timer = undefined
  let wait = 0
  try {
    do {
      more = atOnce = false
      wait = await (navigator.locks ? navigator.locks.request('serai-outbox', sendAll) : sendAll())
    } while (atOnce || (more && wait === 0))
  } catch {
    wait = backOff(++failures)
  } finally {
    running = false
  }
  if (wait > 0) timer = setTimeout(() => void run(), wait)
}

/** sendAll sends until nothing waits; it answers the milliseconds after which to try again, 0 for never. */
async function sendAll(): Promise<number> {
  for (const [key, write] of [...loose]) {
    const entry = state.entries.find((e) => e.key === key)
    if (!entry) {
      loose.delete(key)
      continue
    }
    // Nobody else's name may stand under it: it waits for whoever made it.
    if (entry.account !== actor()) continue
    // First the device once more: a full disk may have room again, the node's key may have come.
    if (signer()) await inLine(() => keep(entry, write)).catch(() => {})
    if (!loose.has(key) || entry.account !== actor()) continue
    const wait = await sendLoose(entry, write)
    if (wait > 0) return wait
  }
  if (!(await able())) return 0
  await regain()
  if (navigator.onLine === false) return backOff(++failures)
  const node = await nodeKey()
  const since = await born()
  const held = new Set<string>()
  for (;;) {
    const rows = (await store.outbox.orderBy('n').filter((r) => r.mark === 'waiting' && !held.has(r.key)).limit(most).toArray())
    if (rows.length === 0) break
    const sound: Held[] = []
    let length = 0
    for (const r of rows) {
      // A row that storage tore is shown and stops nobody behind it; so is one for the node that was here before.
      if (node && r.node !== node.node) await refuse(r, new Problem('desk.other_node', 0), held)
      else if (whole(r)) {
        if (sound.length > 0 && (era(r, since) !== era(sound[0]!, since) || length + r.sealed.length > longest)) break
        length += r.sealed.length
        sound.push(r)
      } else await refuse(r, new Problem('desk.poisoned', 0), held)
    }
    if (sound.length === 0) continue
    const wait = await sendBatch(sound, held, clockOf(era(sound[0]!, since), since))
    if (wait > 0) return wait
  }
  failures = 0
  return 0
}

const whole = (r: Held) => [r.key, r.enc, r.sealed, r.sig, r.signer].every((part) => typeof part === 'string' && part !== '')

type Era = 'now' | 'ahead' | 'behind'
type Times = Pick<Held, 'at'> & { signer?: string }
/**
 * era tells work whose clock was set since: it was made later than it is now, or before its device key was there. A tablet
 * that meets a network sets its clock before this desk hears the node, so that the difference is known to nobody.
 */
function era(r: Times, since: Map<string, number>): Era {
  if (r.at > raw() + 600_000) return 'ahead'
  const first = (since.get(r.signer ?? '') ?? 0) - 86_400_000
  return first > 0 && r.at < first && raw() >= first ? 'behind' : 'now'
}
/** clockOf is what the sending device says its clock is. Of a clock that is no more, the newest work is taken to be of this minute: the latest that it can be. */
function clockOf(of: Era, since: Map<string, number>): number {
  if (of === 'now') return raw()
  const first = Math.max(0, ...since.values()) - 86_400_000
  return state.entries.reduce((at, e) => (waits(e) && (of === 'ahead' ? e.at > raw() + 600_000 : e.at < first) ? Math.max(at, e.at) : at), 0) || raw()
}

interface Result { key: string; status: number; code?: string; detail?: string; errors?: { field: string; code: string; detail?: string }[]; answer?: unknown; retry_after?: number }

async function sendBatch(rows: Held[], held: Set<string>, clock: number): Promise<number> {
  const keys = rows.map((r) => r.key)
  for (const k of keys) inFlight.add(k)
  try {
    // A full disk takes no number, and must not keep work from leaving.
    await store.outbox.where('key').anyOf(keys).modify((r) => { r.tries++ }).catch(() => {})
    for (const e of state.entries) if (inFlight.has(e.key)) e.tries++
    let results: Result[]
    try {
      const entries = rows.map(({ key, signer, subject, enc, sealed, sig }) => ({ v: 1, key, signer, subject, enc, sealed, sig }))
      results = (await call<{ results?: Result[] } | undefined>('POST', '/api/outbox', { body: { clock, entries }, timeout: 60_000, quiet: true }))?.results ?? []
    } catch (err) {
      const problem = err instanceof Problem ? err : new Problem('desk.answer', 0)
      if (problem.status === 400 || problem.status === 413 || problem.status === 422) {
        // One of them spoils the whole request: by halves, until it stands alone.
        if (rows.length === 1) {
          await refuse(rows[0]!, problem, held)
          return 0
        }
        const half = rows.length >> 1
        return (await sendBatch(rows.slice(0, half), held, clock)) || sendBatch(rows.slice(half), held, clock)
      }
      return Math.max(backOff(++failures), problem.retryAfter * 1000)
    }
    const byKey = new Map(results.filter((r) => typeof r?.key === 'string').map((r) => [r.key, r]))
    const stuck = new Set<string>()
    const done: string[] = []
    let wait = 0
    let busy = false
    for (const row of rows) {
      const r = byKey.get(row.key)
      const passing = !r || !(r.status > 0) || r.status === 429 || r.status >= 500
      if (r && r.status >= 200 && r.status < 300) {
        done.push(row.key)
        arrived(row.key, r.answer)
      } else if (passing || stuck.has(row.subject)) {
        // What follows the same subject waits as well: an undo must not overtake what it undoes.
        stuck.add(row.subject)
        held.add(row.key)
        busy = true
        wait = Math.max(wait, (r?.retry_after ?? 0) * 1000)
      } else if (r.status === 404 && r.code !== 'outbox.route' && row.tries < 1) {
        // What it names may stand behind it in the same batch, under another subject.
        held.add(row.key)
        more = true
      } else if (row.account === whose() && keyTrouble.test(r.code ?? '') && (await signAnew(row))) {
        held.add(row.key)
        more = true
      } else {
        await refuse(row, new Problem(r.code ?? `desk.http_${r.status}`, r.status, r.detail ?? '', Array.isArray(r.errors) ? r.errors : []), held)
      }
    }
    if (done.length > 0) {
      for (const k of done) held.add(k)
      await store.outbox.where('key').anyOf(done).delete().catch(() => {})
      tell(done)
    }
    failures = busy ? failures + 1 : 0
    return busy ? Math.max(wait, backOff(failures)) : 0
  } finally {
    for (const k of keys) inFlight.delete(k)
  }
}

/** signAnew seals and signs work again whose key the node no longer takes: its worker is here and signed in again. */
async function signAnew(row: Held): Promise<boolean> {
  const [write, by, node] = [await readOwn<Write>(row.key, row.own), signer(), await nodeKey()]
  if (!write || !by || !node || (by.signer.id === row.signer && row.tries > 3)) return false
  const entry = state.entries.find((e) => e.key === row.key)
  const next = await heldOf({ ...(entry ?? ({} as Entry)), key: row.key, at: row.at }, write)
  if (!next) return false
  await store.outbox.update(row.n!, { signer: next.signer, enc: next.enc, sealed: next.sealed, sig: next.sig, own: next.own, subject: next.subject })
  return true
}

/**
 * revive signs anew what the node did not take because the key had ended, now that its worker is here with a key that
 * counts: what was refused for no other reason is sent by itself.
 */
export async function revive(): Promise<void> {
  const account = whose()
  if (!account || !(await able())) return
  for (const row of await store.outbox.where('account').equals(account).toArray()) {
    if (row.mark !== 'attention' || !keyTrouble.test(row.problem?.code ?? '') || !(await signAnew({ ...row, tries: 0 }))) continue
    await store.outbox.update(row.n!, { mark: 'waiting', tries: 1, problem: undefined })
    const entry = state.entries.find((e) => e.key === row.key)
    if (entry) Object.assign(entry, { mark: 'waiting', problem: null })
  }
  again()
}

/** sendLoose sends what nothing could keep, as an ordinary request with its key. */
async function sendLoose(entry: Entry, write: Write): Promise<number> {
  entry.tries++
  inFlight.add(entry.key)
  try {
    const answer = await call<unknown>(write.method, write.path, { body: write.body, key: entry.key })
    loose.delete(entry.key)
    arrived(entry.key, answer)
    return 0
  } catch (err) {
    const problem = err instanceof Problem ? err : new Problem('desk.answer', 0)
    if (problem.passing || problem.status === 401 || problem.code === 'desk.stopped') return Math.max(problem.retryAfter * 1000, backOff(entry.tries))
    loose.delete(entry.key)
    shown(entry.key, problem)
    return 0
  } finally {
    inFlight.delete(entry.key)
  }
}

function arrived(key: string, answer: unknown) {
  const entry = state.entries.find((e) => e.key === key)
  hooks.sent(key)
  if (!entry || entry.mark === 'sent') return
  entry.mark = 'sent'
  entry.answer = answer ?? null
  ends.get(key)?.done(answer)
  ends.delete(key)
  setTimeout(() => forget(entry), 60_000)
}
async function refuse(row: Held, problem: Problem, held: Set<string>): Promise<void> {
  held.add(row.key)
  const { code, status, detail, errors } = problem
  try {
    if (row.quiet) await store.outbox.delete(row.n!)
    else await store.outbox.update(row.n!, { mark: 'attention', problem: { code, status, detail, errors } })
  } catch {
    // A full disk: this page shows it, the next opening asks the node once more.
  }
  shown(row.key, problem)
  tell()
}
function shown(key: string, problem: Problem) {
  const entry = state.entries.find((e) => e.key === key)
  hooks.refused(key)
  if (!entry) return
  ends.get(key)?.failed(problem)
  ends.delete(key)
  entry.problem = problem
  entry.mark = 'attention'
  if (entry.quiet) forget(entry)
}

/** backOff is in milliseconds: 2 s, 4 s, 8 s ... to five minutes. The radio is the battery; the browser's "online" event does not wait for it. */
export function backOff(tries: number): number {
  return Math.min(300_000, 1000 * 2 ** Math.min(tries, 12))
}

/** exportFile is everything unsent as a file that only the node can read: for a tablet that will not see the node again. */
export async function exportFile(): Promise<Blob | null> {
  const [node, rows] = [await nodeKey(), (await able()) ? await store.outbox.orderBy('n').toArray() : []]
  if (rows.length === 0) return null
  const entries = rows.map(({ key, signer, subject, enc, sealed, sig }) => ({ v: 1, key, signer, subject, enc, sealed, sig }))
  return new Blob([JSON.stringify({ serai_outbox: 1, node: node?.id ?? '', clock: raw(), entries })], { type: 'application/json' })
}

/** importFile hands such a file to the node from this device; it answers how many it took, had already or refused. */
export async function importFile(file: Blob): Promise<{ taken: number; refused: Result[] }> {
  let given: { serai_outbox?: number; clock?: number; entries?: unknown[] }
  try {
    given = JSON.parse(await file.text()) as typeof given
  } catch {
    throw new Problem('desk.not_outbox', 0)
  }
  if (given.serai_outbox !== 1 || !Array.isArray(given.entries)) throw new Problem('desk.not_outbox', 0)
  let taken = 0
  const refused: Result[] = []
  for (let i = 0; i < given.entries.length; i += most) {
    const { results } = await call<{ results: Result[] }>('POST', '/api/outbox', { body: { serai_outbox: 1, entries: given.entries.slice(i, i + most) }, timeout: 60_000, quiet: true })
    for (const r of results) {
      if (r.status >= 200 && r.status < 300) taken++
      else refused.push(r)
    }
  }
  return { taken, refused }
}
