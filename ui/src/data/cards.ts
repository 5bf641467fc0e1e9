import { call } from './client'
import { issueHere, readHere, updateHere } from './local/cards'
import { record } from './outbox'
import { either, settle } from './reach'
import { uuid7 } from './uuid7'
import type { Card, CardWriter, IssueCard, ReadCard, Stock, StockLine, UpdateCard } from './wire'

export const read = (text: string, point: string) =>
  either(
    () => call<ReadCard>('POST', '/api/cards/read', { body: { text, point }, timeout: 6000 }),
    () => readHere(text, point),
  )
/** issue and update print at the node where it is heard, and on this device where a lead has allowed it to sign. */
export const issue = (card: IssueCard, key: string) =>
  either(
    () => call<Card>('POST', '/api/cards', { body: card, key }),
    // Another id: had the node printed this card after all, it would be another card.
    () => issueHere({ ...card, id: uuid7() }),
  )
export const update = (card: UpdateCard, key: string) =>
  either(
    () => call<Card>('POST', '/api/cards/update', { body: card, key }),
    () => updateHere({ ...card, id: uuid7() }),
  )
/** printStock signs blank cards for days without a printer. */
export const printStock = (given: { id: string; point: string; count: number; language: string }, key: string) => call<Stock>('POST', '/api/cards/stock', { body: given, key })
export const stock = (point: string) => call<{ cards: StockLine[] }>('GET', '/api/cards/stock', { query: { point } })
/** lost and taken say what became of a blank card: whoever reads it from then on is warned. */
const gone = (card: string, how: 'lost' | 'taken') =>
  settle<unknown>(record({ method: 'POST', path: `/api/card-stock/${encodeURIComponent(card)}/${how}`, body: undefined, subject: 'row', label: 'outbox.card' }), () => ({}))
export const lost = (card: string) => gone(card, 'lost')
export const taken = (card: string) => gone(card, 'taken')
/** writers are the devices that may write cards without their node, and how many keys are left for others. */
export const writers = () => call<{ devices: CardWriter[]; spare: number }>('GET', '/api/card-devices')
export const allowWriter = (device: string) => call<CardWriter>('POST', `/api/card-devices/${encodeURIComponent(device)}`)
export const endWriter = (device: string) => call<void>('POST', `/api/card-devices/${encodeURIComponent(device)}/end`)
