// What was tapped is never in doubt: every record of the desk passes through this queue and carries one of three marks.
//   waiting    held in this open app, not yet at the node (the node is silent or busy); tried again by itself
//   sent       the node has it
//   attention  the node refused it: reason and remedy are shown, and it stays until somebody deals with it
// The queue lives in memory: records name people, and a browser's plain storage is no place for them. A durable,
// encrypted store takes its place behind the same functions; "saved on this device" is said only when that one says so.

import { computed, reactive } from 'vue'
import { call, Problem } from './client'
import { uuid7 } from './uuid7'

export type Mark = 'waiting' | 'sent' | 'attention'
export interface Write {
  method: 'POST' | 'PATCH'
  path: string
  body: unknown
  /** subject keeps order: writes of one subject leave one after the other. */
  subject: string
  /** label is a key of the word lists, for the list of what needs attention. */
  label: string
}
export interface Entry<T = unknown> extends Write {
  key: string
  at: number
  mark: Mark
  tries: number
  problem: Problem | null
  answer: T | null
}
interface Held { entry: Entry; done: (answer: unknown) => void; failed: (err: Problem) => void }

const state = reactive<{ entries: Entry[] }>({ entries: [] })
const held: Held[] = []
let timer: ReturnType<typeof setTimeout> | undefined
let running = false

export const unsent = computed(() => state.entries.filter((e) => e.mark === 'waiting').length)
export const needAttention = computed(() => state.entries.filter((e) => e.mark === 'attention'))

/** record queues a write. `entry` shows its mark at once; `done` resolves with the node's answer and rejects only when the node refused. */
export function record<T>(write: Write): { entry: Entry<T>; done: Promise<T> } {
  const entry = reactive<Entry>({ ...write, key: uuid7(), at: Date.now(), mark: 'waiting', tries: 0, problem: null, answer: null }) as Entry<T>
  state.entries.push(entry as Entry)
  const done = new Promise<T>((resolve, reject) => {
    held.push({ entry: entry as Entry, done: resolve as (answer: unknown) => void, failed: reject })
  })
  // Who only needs the mark may ignore the promise.
  done.catch(() => {})
  void run()
  return { entry, done }
}

/** takeBack removes a write that has never been tried, so that the node never hears of it; it reports whether it could. */
export function takeBack(entry: Entry): boolean {
  const at = held.findIndex((h) => h.entry.key === entry.key)
  if (at < 0 || held[at]!.entry.tries > 0 || entry.mark !== 'waiting') return false
  held.splice(at, 1)
  drop(entry)
  return true
}

/** dismiss takes a refused write off the list, after somebody has dealt with it. */
export function dismiss(entry: Entry): void {
  if (entry.mark === 'attention') drop(entry)
}

/** again tries what waits, now: on a tap, or because the network came back. */
export function again(): void {
  clearTimeout(timer)
  void run()
}

/** clear empties the queue when another account takes the device. */
export function clear(): void {
  held.length = 0
  state.entries.length = 0
}

function drop(entry: Entry) {
  const at = state.entries.findIndex((e) => e.key === entry.key)
  if (at >= 0) state.entries.splice(at, 1)
}

async function run(): Promise<void> {
  if (running) return
  running = true
  clearTimeout(timer)
  const stuck = new Set<string>()
  let wait = 0
  try {
    for (let i = 0; i < held.length; ) {
      const h = held[i]!
      if (stuck.has(h.entry.subject)) {
        i++
        continue
      }
      h.entry.tries++
      try {
        const answer = await call<unknown>(h.entry.method, h.entry.path, { body: h.entry.body, key: h.entry.key })
        h.entry.mark = 'sent'
        h.entry.answer = answer
        remove(h)
        h.done(answer)
        setTimeout(() => drop(h.entry), 60_000)
      } catch (err) {
        const problem = err instanceof Problem ? err : new Problem('desk.answer', 0)
        if (problem.passing || problem.status === 401 || problem.code === 'desk.stopped') {
          stuck.add(h.entry.subject)
          wait = Math.max(wait, problem.retryAfter * 1000, backOff(h.entry.tries))
          i++
          // The node is silent: asking for every other record as well would only empty the battery.
          if (problem.status === 0) break
          continue
        }
        h.entry.mark = 'attention'
        h.entry.problem = problem
        remove(h)
        h.failed(problem)
      }
    }
  } finally {
    running = false
  }
  if (held.length > 0) timer = setTimeout(() => void run(), wait || 2000)
}

function remove(h: Held) {
  const at = held.indexOf(h)
  if (at >= 0) held.splice(at, 1)
}

/** backOff is in milliseconds: 2 s, 4 s, 8 s ... and never more than a minute. */
export function backOff(tries: number): number {
  return Math.min(60_000, 1000 * 2 ** Math.min(tries, 10))
}
