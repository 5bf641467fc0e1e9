import { expect, it } from 'vitest'
import { Line } from '@/area/cards/line'

it('a card that stays in view counts once', () => {
  const line = new Line()
  expect([0, 90, 180, 2900, 5000, 7900].map((at) => line.next('a', at))).toEqual([true, false, false, false, false, false])
})

it('the next card counts at once, and the first again when it comes back later', () => {
  const line = new Line()
  expect(line.next('a', 0)).toBe(true)
  expect(line.next('b', 90)).toBe(true)
  expect(line.next('a', 180)).toBe(true)
  expect(line.next('a', 3100)).toBe(false)
  expect(line.next('a', 6200)).toBe(true)
})

it('twenty cards in a row are twenty', () => {
  const line = new Line()
  let read = 0
  for (let card = 0; card < 20; card++) for (let frame = 0; frame < 12; frame++) if (line.next(`card ${card}`, card * 1100 + frame * 90)) read++
  expect(read).toBe(20)
})
