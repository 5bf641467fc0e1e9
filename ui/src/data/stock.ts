// Stock of a point. What is written down is kept on this device first; the levels that the node told last are kept as
// well, since nobody stands in them, and what waits here is reckoned in.

import { call } from './client'
import { kept } from './local/shown'
import { mine, record } from './outbox'
import type { Day, Labels, StockAccountLine, StockItem, StockItems, StockLevel, StockMove, StockMovement, StockPart, StockRecipe, StockWish, PointStock } from './wire'

export const items = () => kept('stock-items', () => call<StockItems>('GET', '/api/stock/items'))
export async function stock(point: string): Promise<PointStock> {
  const told = await kept(`stock ${point}`, () => call<PointStock>('GET', '/api/stock', { query: { point } }))
  return withUnsent(told, mine().filter((w) => w.mark !== 'sent' && w.mark !== 'attention').map((w) => w.write))
}
export const movements = (point: string) => call<{ movements: StockMovement[] }>('GET', '/api/stock/movements', { query: { point } })
export const account = (point: string, item: string, days = 30) => call<{ lines: StockAccountLine[] }>('GET', '/api/stock/account', { query: { point, item, days } })
export const wishes = (point?: string) => call<{ wishes: StockWish[] }>('GET', '/api/stock/wishes', { query: { point } })
export const recipes = () => call<{ recipes: StockRecipe[] }>('GET', '/api/stock/recipes')
// What holds for every point is set while the node is there: nobody should find a day later that it was refused.
export const setRecipe = (service: string, body: { id: string; from: Day; per: number; items: StockPart[] }) => call<{ recipes: StockRecipe[] }>('PUT', `/api/stock/recipes/${encodeURIComponent(service)}`, { body })
export const addItem = (body: { id: string; code: string; unit: string; labels: Labels }) => call<StockItem>('POST', '/api/stock/items', { body })
export const changeItem = (code: string, body: { id: string; labels?: Labels; hidden?: boolean }) => call<StockItem>('PATCH', `/api/stock/items/${encodeURIComponent(code)}`, { body })

// Writes of one point leave in their order: a count that overtook a delivery would hide it.
const subject = (point: string) => `stock ${point}`
export const recordMove = (move: StockMove) =>
  record<StockMovement>({ method: 'POST', path: '/api/stock/movements', body: move, subject: subject(move.point), label: 'outbox.stock_move' })
export const recordCount = (count: { id: string; point: string; happened: string; lines: StockPart[] }) =>
  record<StockMovement>({ method: 'POST', path: '/api/stock/counts', body: count, subject: subject(count.point), label: 'outbox.stock_count' })
export const withdraw = (movement: string, point: string, body: { id: string; why: 'mistake' | 'twice' }) =>
  record<StockMovement>({ method: 'POST', path: `/api/stock/movements/${encodeURIComponent(movement)}/withdraw`, body, subject: subject(point), label: 'outbox.stock_withdraw' })
export const mark = (body: { id: string; point: string; item: string; low: number }) =>
  record<undefined>({ method: 'POST', path: '/api/stock/marks', body, subject: subject(body.point), label: 'outbox.stock_mark' })
export const wish = (body: { id: string; point: string; happened: string; by: Day; reason: string; note?: string; lines: StockPart[] }) =>
  record<StockWish>({ method: 'POST', path: '/api/stock/wishes', body, subject: subject(body.point), label: 'outbox.stock_wish' })
export const answerWish = (wish: StockWish, body: { id: string; state: 'answered' | 'closed'; note?: string; on?: Day }) =>
  record<StockWish>({ method: 'PATCH', path: `/api/stock/wishes/${encodeURIComponent(wish.wish)}`, body, subject: subject(wish.point), label: 'outbox.stock_answer' })
export const closeWish = (wish: StockWish, id: string) =>
  record<StockWish>({ method: 'POST', path: `/api/stock/wishes/${encodeURIComponent(wish.wish)}/close`, body: { id }, subject: subject(wish.point), label: 'outbox.stock_close' })

/** exportUrl is the levels as a file that spreadsheets open. */
export const exportUrl = (point: string) => `/api/stock/export.csv?${new URLSearchParams({ point })}`
export const wishesUrl = '/api/stock/wishes.csv'

/** withUnsent is what the node told, with what this device has not sent yet. */
export function withUnsent(told: PointStock, writes: { path: string; body: unknown }[]): PointStock {
  const levels = new Map(told.items.map((l) => [l.item, { ...l }]))
  const of = (item: string): StockLevel => {
    const l = levels.get(item) ?? { item, level: 0, count_again: false, low_at: 0, low: false, given: 0, given_days: 0, days_left: null }
    levels.set(item, l)
    return l
  }
  let coming = told.coming
  for (const { path, body } of writes) {
    if (path === '/api/stock/counts') {
      const b = body as { point: string; happened: string; lines: StockPart[] }
      if (b.point !== told.point) continue
      for (const line of b.lines) Object.assign(of(line.item), { level: line.quantity, counted: b.happened })
    } else if (path === '/api/stock/movements') {
      const b = body as StockMove
      if (b.point !== told.point) continue
      for (const line of b.lines ?? []) of(line.item).level += b.kind === 'received' ? line.quantity : -line.quantity
      if (b.of) coming = coming.filter((m) => m.id !== b.of)
    } else if (path === '/api/stock/marks') {
      const b = body as { point: string; item: string; low: number }
      if (b.point === told.point) of(b.item).low_at = b.low
    } else continue
  }
  for (const l of levels.values()) {
    if (told.items.some((was) => was.item === l.item && was.level === l.level && was.low_at === l.low_at && was.counted === l.counted)) continue
    l.count_again = l.level < 0
    l.low = l.low_at > 0 && l.level <= l.low_at
    l.days_left = l.given > 0 && l.given_days > 0 ? Math.floor((Math.max(0, l.level) * l.given_days) / l.given) : null
  }
  return { ...told, items: [...levels.values()], coming }
}

/** unpack writes kits as the items that are in them, as the node does: so the desk can show what it will record. */
export function unpack(lines: StockPart[], kits: { kit: string; quantity: number }[], known: StockItems): StockPart[] {
  const out = lines.map((l) => ({ ...l }))
  for (const k of kits) {
    for (const part of known.kits.find((x) => x.code === k.kit)?.items ?? []) {
      const same = out.find((l) => l.item === part.item)
      if (same) same.quantity += part.quantity * k.quantity
      else out.push({ item: part.item, quantity: part.quantity * k.quantity })
    }
  }
  return out
}

/** urgent puts first what must be counted again or is low, then what lasts shortest; else the order of the list stays. */
export function urgent(levels: StockLevel[]): StockLevel[] {
  const rank = (l: StockLevel) => (l.count_again ? 0 : l.low ? 1 : 2)
  return levels.map((l, i) => ({ l, i })).sort((a, b) => rank(a.l) - rank(b.l) || a.i - b.i).map((x) => x.l)
}

