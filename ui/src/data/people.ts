import { call } from './client'
import type { AccessEntry, Basis, Day, FileChanges, Found, History, OpenFile, PersonFile, PersonToday, SearchQuery } from './wire'

const one = (person: string) => `/api/people/${encodeURIComponent(person)}`

export const open = (file: OpenFile, key: string) => call<PersonFile>('POST', '/api/people', { body: file, key })
/** show logs a look at the person, on the node, before it answers. */
export const show = (person: string) => call<PersonFile>('GET', one(person))
export const change = (person: string, id: string, changes: FileChanges) => call<PersonFile>('PATCH', one(person), { body: { id, changes } })
/** search takes its words in the body: names never stand in an address. */
export const search = (query: SearchQuery) => call<{ results: Found[]; more: boolean }>('POST', '/api/people/search', { body: query })
export const today = (point: string) => call<{ people: PersonToday[] }>('GET', '/api/people/today', { query: { point } })
export const bases = (person: string) => call<{ bases: Basis[] }>('GET', `${one(person)}/bases`)
export const addBasis = (person: string, basis: Basis) => call<Basis>('POST', `${one(person)}/bases`, { body: basis })
export const withdraw = (person: string, basis: string) => call<Basis>('POST', `${one(person)}/bases/${encodeURIComponent(basis)}/withdraw`, { body: { how: 'spoken' } })
export const lifeEvent = (person: string, event: { id: string; kind: string; on: Day; note?: string }) => call<unknown>('POST', `${one(person)}/events`, { body: event })
export const addCompanion = (person: string, given: { with: string; relation?: string }) => call<unknown>('POST', `${one(person)}/companions`, { body: given })
export const removeCompanion = (person: string, other: string) => call<void>('DELETE', `${one(person)}/companions/${encodeURIComponent(other)}`)
export const erase = (person: string, reason: string) => call<{ erased: boolean; receipt: string }>('POST', `${one(person)}/erase`, { body: { reason, confirm: true } })
/** copyUrl is where the person's own copy is downloaded. */
export const copyUrl = (person: string) => `${one(person)}/copy`
export const accessLog = (person: string) => call<{ entries: AccessEntry[] }>('GET', `${one(person)}/access-log`)
export const history = (person: string) => call<History>('GET', `${one(person)}/history`)
