import { describe, expect, it } from 'vitest'
import { correctionOf } from '@/area/assist/correcting'
import type { ContactRow } from '@/data/wire'

const row = { services: [{ code: 'water', quantity: 1 }, { code: 'food.meal', quantity: 2 }], group: 'on_move', stage: 'transit' } as ContactRow
const same = { services: row.services, group: 'on_move', stage: 'transit' }

describe('a correction', () => {
  it('says nothing when nothing differs, in whatever order', () => {
    expect(correctionOf(row, same)).toEqual({})
    expect(correctionOf(row, { ...same, services: [...row.services].reverse() })).toEqual({})
  })
  it('names all services when one of them differs', () => {
    expect(correctionOf(row, { ...same, services: [{ code: 'water', quantity: 3 }, { code: 'food.meal', quantity: 2 }] })).toEqual({ services: [{ code: 'water', quantity: 3 }, { code: 'food.meal', quantity: 2 }] })
  })
  it('leaves out what was not given after all', () => {
    expect(correctionOf(row, { ...same, services: [{ code: 'water', quantity: 0 }, { code: 'food.meal', quantity: 2 }] }).services).toEqual([{ code: 'food.meal', quantity: 2 }])
  })
  it('names group and stage only when they differ', () => expect(correctionOf(row, { ...same, group: 'host', stage: 'arrival' })).toEqual({ group: 'host', stage: 'arrival' }))
})
