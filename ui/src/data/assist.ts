import { call } from './client'
import * as share from './local/share'
import { record, subjectOf } from './outbox'
import { either, settle } from './reach'
import type { Arrival, Contact, ContactDay, Correction, Day, RecordArrival, RecordContact, TallySheet } from './wire'

/**
 * recordContact queues a contact; the id in it was made on this device, so what follows need not wait for the node. A tap
 * of the tally stands for itself; everything else leaves in one row, since a contact may name a file or an arrival made
 * here a minute before.
 */
export const recordContact = (contact: RecordContact) =>
  record<Contact>({ method: 'POST', path: '/api/contacts', body: contact, subject: contact.tally ? contact.id : 'row', label: 'outbox.contact' })
export const undoContact = (contact: string, id: string) =>
  record<unknown>({ method: 'POST', path: `/api/contacts/${encodeURIComponent(contact)}/undo`, body: { id }, subject: subjectOf(contact), label: 'outbox.undo' })
export const contacts = (point: string, day?: Day) =>
  either(
    async () => share.giveContacts(point, await call<ContactDay>('GET', '/api/contacts', { query: { point, day } })),
    () => share.contacts(point, day ?? share.today()),
  )
export const recordArrival = (arrival: RecordArrival) =>
  record<Arrival>({ method: 'POST', path: '/api/arrivals', body: arrival, subject: 'row', label: 'outbox.arrival' })
export const arrivals = (point: string, day?: Day) =>
  either(
    async () => {
      const answer = await call<{ arrivals: Arrival[] }>('GET', '/api/arrivals', { query: { point, day } })
      share.giveArrivals(answer.arrivals)
      return share.arrivalsNow(point, day ?? share.today(), answer.arrivals)
    },
    () => share.arrivals(point, day ?? share.today()),
  )
export const recordSheet = (sheet: TallySheet) =>
  record<{ contacts: number; services: number }>({ method: 'POST', path: '/api/tally-sheets', body: sheet, subject: 'row', label: 'outbox.sheet' })
/** recordSealed counts a sealed service, without a person: only its number leaves this screen. */
export const recordSealed = (sealed: { id: string; point: string; code: string; count: number }) =>
  record<unknown>({ method: 'POST', path: '/api/sealed-tallies', body: sealed, subject: sealed.id, label: 'outbox.sealed' })
/** sheetUrl is a printable tally sheet. */
export const sheetUrl = (point: string, lang: string, day?: Day) => `/print/tally-sheet?${new URLSearchParams({ point, lang, ...(day ? { day } : {}) })}`
/** correct changes a contact; the first record stays beside it. */
export const correct = (contact: string, given: Correction) =>
  settle<Contact | undefined>(
    record({ method: 'POST', path: `/api/contacts/${encodeURIComponent(contact)}/corrections`, body: given, subject: subjectOf(contact), label: 'outbox.correction', key: given.id }),
    () => share.contactNow(contact),
  )
/** linkArrival says that a contact belongs to an arrival that was counted as a whole. */
export const linkArrival = (arrival: string, contact: string) =>
  settle<unknown>(
    record({ method: 'POST', path: `/api/arrivals/${encodeURIComponent(arrival)}/link`, body: { contact }, subject: 'row', label: 'outbox.link' }),
    () => ({}),
  )
/** linkMany says it of several at once: all of them are linked, or none. */
export const linkMany = (arrival: string, contacts: string[]) =>
  settle<unknown>(
    record({ method: 'POST', path: `/api/arrivals/${encodeURIComponent(arrival)}/link`, body: { contacts }, subject: 'row', label: 'outbox.link' }),
    () => ({}),
  )
