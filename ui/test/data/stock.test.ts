import { describe, expect, it } from 'vitest'
import { unpack, urgent, withUnsent } from '@/data/stock'
import type { PointStock, StockItems, StockLevel, StockMovement } from '@/data/wire'

const level = (item: string, n: number, more: Partial<StockLevel> = {}): StockLevel => ({ item, level: n, count_again: n < 0, low_at: 0, low: false, given: 0, given_days: 14, days_left: null, ...more })
const told = (items: StockLevel[], coming: StockMovement[] = []): PointStock => ({ point: 'p', at: '2026-03-10T12:00:00Z', items, coming })
const move = (kind: string, item: string, quantity: number, more = {}) => ({ path: '/api/stock/movements', body: { id: 'm', point: 'p', kind, lines: [{ item, quantity }], ...more } })
const count = (item: string, quantity: number, point = 'p') => ({ path: '/api/stock/counts', body: { id: 'c', point, happened: '2026-03-10T13:00:00Z', lines: [{ item, quantity }] } })
const shown = (s: PointStock) => Object.fromEntries(s.items.map((l) => [l.item, l.level]))

describe('what waits on this device is reckoned in', () => {
  it('leaves what the node told when nothing waits', () => {
    const s = told([level('soap', 5, { expires: '2026-04-01' })])
    expect(withUnsent(s, [])).toEqual(s)
  })
  it('adds what came, takes what left, and lets a count set the level', () => {
    expect(shown(withUnsent(told([level('soap', 5)]), [move('received', 'soap', 10), move('lost', 'soap', 2), move('sent', 'soap', 3)]))).toEqual({ soap: 10 })
    expect(shown(withUnsent(told([level('soap', 5)]), [move('received', 'soap', 10), count('soap', 7), move('lost', 'soap', 1)]))).toEqual({ soap: 6 })
  })
  it('shows an item that the node has never heard of', () => {
    const s = withUnsent(told([]), [count('hat', 4)])
    expect(s.items[0]).toMatchObject({ item: 'hat', level: 4, counted: '2026-03-10T13:00:00Z', count_again: false })
  })
  it('says low and how long it lasts anew, and never stops at nothing', () => {
    const [l] = withUnsent(told([level('soap', 50, { low_at: 20, given: 28, days_left: 25 })]), [move('lost', 'soap', 36)]).items
    expect(l).toMatchObject({ level: 14, low: true, days_left: 7 })
    expect(withUnsent(told([level('soap', 1)]), [move('lost', 'soap', 3)]).items[0]).toMatchObject({ level: -2, count_again: true })
  })
  it('keeps the work of another point out, and other work', () => {
    const s = told([level('soap', 5)])
    expect(withUnsent(s, [count('soap', 1, 'q'), { path: '/api/contacts', body: { id: 'x' } }])).toEqual(s)
  })
  it('takes off the way what was received', () => {
    const sent = { id: 's' } as StockMovement
    expect(withUnsent(told([], [sent]), [move('received', 'soap', 1, { of: 's' })]).coming).toEqual([])
  })
  it('does not change what it was given', () => {
    const s = told([level('soap', 5)])
    withUnsent(s, [count('soap', 9)])
    expect(s.items[0]!.level).toBe(5)
  })
})

it('puts first what does not add up, then what is low, and keeps the order of the list', () => {
  expect(urgent([level('a', 9), level('b', 3, { low: true }), level('c', -1), level('d', 8)]).map((l) => l.item)).toEqual(['c', 'b', 'a', 'd'])
})

it('writes kits as their items, as the node does', () => {
  const known = { items: [], units: [], reasons: [], kits: [{ code: 'hygiene_kit', labels: {}, items: [{ item: 'soap', quantity: 3 }, { item: 'bag', quantity: 1 }] }] } as StockItems
  const lines = [{ item: 'soap', quantity: 2 }]
  expect(unpack(lines, [{ kit: 'hygiene_kit', quantity: 10 }, { kit: 'none', quantity: 1 }], known)).toEqual([{ item: 'soap', quantity: 32 }, { item: 'bag', quantity: 10 }])
  expect(lines).toEqual([{ item: 'soap', quantity: 2 }])
})
