import { call } from './client'
import type { Card, IssueCard, ReadCard, UpdateCard } from './wire'

export const read = (text: string, point: string) => call<ReadCard>('POST', '/api/cards/read', { body: { text, point } })
export const issue = (card: IssueCard, key: string) => call<Card>('POST', '/api/cards', { body: card, key })
export const update = (card: UpdateCard, key: string) => call<Card>('POST', '/api/cards/update', { body: card, key })
