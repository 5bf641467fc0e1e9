import { call } from './client'
import { record } from './outbox'
import type { Arrival, Contact, ContactDay, Correction, Day, RecordArrival, RecordContact, TallySheet } from './wire'

/** recordContact queues a contact; the id in it was made on this device, so what follows need not wait for the node. */
export const recordContact = (contact: RecordContact) =>
  record<Contact>({ method: 'POST', path: '/api/contacts', body: contact, subject: contact.id, label: 'outbox.contact' })
export const undoContact = (contact: string, id: string) =>
  record<unknown>({ method: 'POST', path: `/api/contacts/${encodeURIComponent(contact)}/undo`, body: { id }, subject: contact, label: 'outbox.undo' })
export const contacts = (point: string, day?: Day) => call<ContactDay>('GET', '/api/contacts', { query: { point, day } })
export const recordArrival = (arrival: RecordArrival) =>
  record<Arrival>({ method: 'POST', path: '/api/arrivals', body: arrival, subject: arrival.id, label: 'outbox.arrival' })
export const arrivals = (point: string, day?: Day) => call<{ arrivals: Arrival[] }>('GET', '/api/arrivals', { query: { point, day } })
export const recordSheet = (sheet: TallySheet) =>
  record<{ contacts: number; services: number }>({ method: 'POST', path: '/api/tally-sheets', body: sheet, subject: sheet.id, label: 'outbox.sheet' })
/** recordSealed counts a sealed service, without a person: only its number leaves this screen. */
export const recordSealed = (sealed: { id: string; point: string; code: string; count: number }) =>
  record<unknown>({ method: 'POST', path: '/api/sealed-tallies', body: sealed, subject: sealed.id, label: 'outbox.sealed' })
/** sheetUrl is a printable tally sheet. */
export const sheetUrl = (point: string, lang: string, day?: Day) => `/print/tally-sheet?${new URLSearchParams({ point, lang, ...(day ? { day } : {}) })}`
/** correct changes a contact; the first record stays beside it. It is sent at once: whoever corrects waits for the answer. */
export const correct = (contact: string, given: Correction) => call<Contact>('POST', `/api/contacts/${encodeURIComponent(contact)}/corrections`, { body: given })
/** linkArrival says that a contact belongs to an arrival that was counted as a whole. */
export const linkArrival = (arrival: string, contact: string) => call<void>('POST', `/api/arrivals/${encodeURIComponent(arrival)}/link`, { body: { contact } })
