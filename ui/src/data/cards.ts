import { call } from './client'
import type { Card, IssueCard, ReadCard, Stock, StockLine, UpdateCard } from './wire'

export const read = (text: string, point: string) => call<ReadCard>('POST', '/api/cards/read', { body: { text, point } })
export const issue = (card: IssueCard, key: string) => call<Card>('POST', '/api/cards', { body: card, key })
export const update = (card: UpdateCard, key: string) => call<Card>('POST', '/api/cards/update', { body: card, key })
/** printStock signs blank cards for days without a printer. */
export const printStock = (given: { id: string; point: string; count: number; language: string }, key: string) => call<Stock>('POST', '/api/cards/stock', { body: given, key })
export const stock = (point: string) => call<{ cards: StockLine[] }>('GET', '/api/cards/stock', { query: { point } })
/** lost and taken say what became of a blank card: whoever reads it from then on is warned. */
export const lost = (card: string) => call<void>('POST', `/api/card-stock/${encodeURIComponent(card)}/lost`)
export const taken = (card: string) => call<void>('POST', `/api/card-stock/${encodeURIComponent(card)}/taken`)
