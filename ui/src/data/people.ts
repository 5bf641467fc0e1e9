import { call } from './client'
import { instant } from './clock'
import * as share from './local/share'
import { record, type Write } from './outbox'
import { either, settle } from './reach'
import type { AccessEntry, Basis, Day, FileChanges, Found, History, OpenFile, PersonFile, PersonToday, SearchQuery } from './wire'

const one = (person: string) => `/api/people/${encodeURIComponent(person)}`

/** write keeps what is done to a file on this device first. What names a file made here a minute before leaves after it. */
const write = (given: Pick<Write, 'path' | 'body' | 'label'> & Partial<Write>) => record<PersonFile>({ method: 'POST', subject: 'row', ...given })
const now = (person: string) => () => share.fileNow(person)

export async function open(file: OpenFile, key: string): Promise<PersonFile> {
  if (file.id) await share.openedFact(file.id)
  return settle(write({ path: '/api/people', body: file, label: 'outbox.file_opened', key }), () => share.fileNow(file.id ?? ''))
}
/** show logs a look at the person, on the node, before it answers; a look without the node is recorded here and sent. */
export const show = (person: string) =>
  either(
    async () => {
      const file = await call<PersonFile>('GET', one(person))
      share.seen(file)
      return share.fileNow(person) ?? file
    },
    async () => {
      const file = await share.file(person)
      if (file) await record({ method: 'POST', path: '/api/looks', body: { looks: [{ person, at: instant() }] }, subject: 'row', label: 'outbox.look', quiet: true }).saved
      return file
    },
  )
export const change = (person: string, id: string, changes: FileChanges) =>
  settle(write({ method: 'PATCH', path: one(person), body: { id, changes }, label: 'outbox.change', key: id }), now(person))
/** search takes its words in the body: names never stand in an address. */
export const search = (query: SearchQuery) =>
  either(
    () => call<{ results: Found[]; more: boolean }>('POST', '/api/people/search', { body: query }),
    () => share.search(query),
  )
export const today = (point: string) =>
  either(
    async () => share.alsoToday(point, (await call<{ people: PersonToday[] }>('GET', '/api/people/today', { query: { point } })).people),
    () => share.peopleToday(point, share.today()),
  )
export const bases = (person: string) => call<{ bases: Basis[] }>('GET', `${one(person)}/bases`)
export const addBasis = (person: string, basis: Basis) => settle<unknown>(write({ path: `${one(person)}/bases`, body: basis, label: 'outbox.basis' }), now(person))
export const withdraw = (person: string, basis: string) =>
  settle<unknown>(write({ path: `${one(person)}/bases/${encodeURIComponent(basis)}/withdraw`, body: { how: 'spoken' }, label: 'outbox.basis' }), now(person))
export const lifeEvent = (person: string, event: { id: string; kind: string; on: Day; note?: string }) =>
  settle<unknown>(write({ path: `${one(person)}/events`, body: event, label: 'outbox.event', key: event.id }), now(person))
export const addCompanion = (person: string, given: { with: string; relation?: string }) =>
  settle<unknown>(write({ path: `${one(person)}/companions`, body: given, label: 'outbox.companion' }), now(person))
export const removeCompanion = (person: string, other: string) =>
  settle<unknown>(write({ method: 'DELETE', path: `${one(person)}/companions/${encodeURIComponent(other)}`, body: undefined, label: 'outbox.companion' }), now(person))
export const erase = (person: string, reason: string) => call<{ erased: boolean; receipt: string }>('POST', `${one(person)}/erase`, { body: { reason, confirm: true } })
/** copyUrl is where the person's own copy is downloaded. */
export const copyUrl = (person: string) => `${one(person)}/copy`
export const accessLog = (person: string) => call<{ entries: AccessEntry[] }>('GET', `${one(person)}/access-log`)
export const history = (person: string) =>
  either(
    async () => {
      const answer = await call<History>('GET', `${one(person)}/history`)
      const file = share.fileNow(person)
      if (file) share.seen(file, answer)
      return (file ? share.historyNow(person) : undefined) ?? answer
    },
    () => share.historyOf(person),
  )
