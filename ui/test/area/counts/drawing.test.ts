import { describe, expect, it } from 'vitest'
import { perDay, pyramid } from '@/area/counts/drawing'
import type { CountRow, Counts } from '@/data/wire'

const row = (key: Record<string, string>, contacts: number): CountRow => ({ key, services: 0, contacts, persons: { low: 0, central: 0, high: 0 }, unmet: 0 })
const contacts = (r: CountRow) => r.contacts

describe('a table of days', () => {
  it('shows the days on which nothing was recorded', () => {
    const table = { from: '2026-02-27', to: '2026-03-02', by: ['day'], rows: [row({ day: '2026-02-28' }, 4), row({ day: '2026-03-02' }, 9)], totals: row({}, 13), notes: [] } as unknown as Counts
    expect(perDay(table, contacts).map((d) => [d.day, d.value])).toEqual([['2026-02-27', 0], ['2026-02-28', 4], ['2026-03-01', 0], ['2026-03-02', 9]])
  })
})

describe('a pyramid', () => {
  const rows = [row({ sex: 'F', age: '0-4' }, 3), row({ sex: 'M', age: '0-4' }, 2), row({ sex: 'F', age: '18-29' }, 7), row({ sex: 'X', age: '18-29' }, 1), row({ sex: 'M', age: '5-17' }, 4), row({ sex: 'M', age: 'not_disaggregated' }, 6), row({ sex: 'U', age: 'unknown' }, 5)]
  it('puts the oldest on top, and those without a band below', () => expect(pyramid(rows, contacts).rows.map((r) => r.name)).toEqual(['18-29', '5-17', '0-4', 'not_disaggregated']))
  it('sets women against men', () => expect(pyramid(rows, contacts).rows.find((r) => r.name === '0-4')).toEqual({ name: '0-4', left: 3, right: 2 }))
  it('says how many it cannot show', () => expect(pyramid(rows, contacts).rest).toBe(6))
})
