import { describe, expect, it } from 'vitest'
import { Wedge } from '@/area/cards/wedge'

function type(wedge: Wedge, text: string, gap: number, start = 1000): string | null {
  let found: string | null = null
  ;[...text, 'Enter'].forEach((key, i) => (found = wedge.key(key, start + i * gap) ?? found))
  return found
}
const card = 'AC1:6BFOXN TS3DH0YOJ58S'

describe('a hand scanner', () => {
  it('gives the card it types', () => expect(type(new Wedge(), card, 5)).toBe(card))
  it('may have the shift key wrong', () => expect(type(new Wedge(), card.toLowerCase(), 5)).toBe(card))
  it('is not somebody who types slowly', () => expect(type(new Wedge(), card, 200)).toBeNull())
  it('may read other codes, which are left alone', () => expect(type(new Wedge(), 'HTTPS://EXAMPLE.ORG/LONG/ADDRESS', 5)).toBeNull())
  it('starts afresh after stray keys', () => {
    const wedge = new Wedge()
    wedge.key('x', 0)
    expect(type(wedge, card, 5)).toBe(card)
  })
  it('never holds more than a card', () => expect(type(new Wedge(), 'AC1:' + 'A'.repeat(5000), 1)?.length).toBe(700))
})
