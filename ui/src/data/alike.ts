import { call } from './client'
import { uuid7 } from './uuid7'
import type { Alike, PersonFile, Rights, SameAnswer } from './wire'

const one = (person: string) => `/api/people/${encodeURIComponent(person)}`

/** alike are files that may be the same person's, three at the most. It needs the node: a device holds its share alone. */
export const alike = (person: string) => call<{ alike: Alike[] }>('GET', `${one(person)}/alike`)
/** compare says whether two files are one person's; unsure takes an earlier answer back. */
export const compare = (person: string, other: string, answer: SameAnswer, id = uuid7()) =>
  call<PersonFile>('POST', `${one(person)}/alike`, { body: { id, with: other, answer } })
/** rightsOf finds a file by card or number for whoever answers requests, and tells nothing of what it says. */
export const rightsOf = (given: { card: string } | { person: string }) => call<Rights>('POST', '/api/people/rights', { body: given })
