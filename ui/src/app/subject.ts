// Who is being helped right now: nobody by name, a card, or a file. It lives in memory alone and moves with the worker
// from scan to history to service to card, so that no card text and no name ever stands in an address.

import { reactive } from 'vue'
import { Problem } from '@/data/client'
import { silent } from '@/data/reach'
import type { Given, HistoryEntry, PersonFile, ReadCard } from '@/data/wire'

export interface Subject {
  kind: 'nobody' | 'card' | 'person'
  /** text of the card as scanned, AC1:... */
  text: string
  read: ReadCard | null
  file: PersonFile | null
  person: string
  history: HistoryEntry[]
  language: string
  /** The contact recorded last in this visit and what it gave: the card that follows carries it. */
  contact: string
  given: Given[]
}
const empty = (): Subject => ({ kind: 'nobody', text: '', read: null, file: null, person: '', history: [], language: '', contact: '', given: [] })

export const subject = reactive<Subject>(empty())

let sent: Promise<unknown> = Promise.resolve()

/** helped notes the contact of this visit; `arrives` settles when the node has it. */
export function helped(contact: string, given: Given[], arrives: Promise<unknown>): void {
  subject.contact = contact
  subject.given = given
  sent = arrives
}

/** contactSent waits until the node has this visit's contact, since a card can only carry what the node knows. */
export async function contactSent(atMost = 8000): Promise<void> {
  // Without the node the card is made here, from what is here.
  if (silent()) return
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Problem('desk.contact_waits', 0)), atMost)
  })
  try {
    await Promise.race([sent, late])
  } finally {
    clearTimeout(timer)
  }
}

export function nobody(): void {
  Object.assign(subject, empty())
}
export function subjectText(text: string): void {
  Object.assign(subject, empty(), { kind: 'card', text })
}
export function subjectRead(read: ReadCard): void {
  subject.read = read
  subject.person = read.person ?? ''
  subject.history = historyOf(read)
}
export function subjectFile(file: PersonFile, history: HistoryEntry[]): void {
  // A card that led to this file stays with it: it is what will be re-issued.
  const keepsCard = subject.kind !== 'nobody' && subject.text !== '' && subject.person === file.person
  const { text, read } = subject
  Object.assign(subject, empty(), { kind: 'person', file, person: file.person, history, language: file.languages[0] ?? '' }, keepsCard ? { text, read } : {})
}

/** historyOf joins what the card says with what this organisation itself recorded, newest first, each help once. */
export function historyOf(read: ReadCard): HistoryEntry[] {
  const seen = new Set<string>()
  const rows: HistoryEntry[] = []
  const add = (entries: ReadCard['entries'] | undefined, source: HistoryEntry['source']) => {
    for (const e of entries ?? []) {
      const key = `${e.day} ${e.service} ${e.quantity} ${e.point?.number ?? e.point?.code ?? ''}`
      if (seen.has(key)) continue
      seen.add(key)
      rows.push({ day: e.day, service: e.service, quantity: e.quantity, source, point: e.point, recorded_by: e.recorded_by })
    }
  }
  add(read.here, 'here')
  add(read.entries, 'card')
  return rows.sort((a, b) => (a.day < b.day ? 1 : a.day > b.day ? -1 : 0))
}
