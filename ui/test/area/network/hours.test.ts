import { describe, expect, it } from 'vitest'
import { readWeek, writeWeek } from '@/area/network/hours'

describe('hours as a week', () => {
  for (const text of ['', '24/7', 'Mo-Sa 08:00-17:00', 'Mo-Fr 08:00-12:00,14:00-17:00; Sa 09:00-12:00', 'Mo 22:00-06:00; We-Su 08:00-24:00'])
    it(`writes "${text}" as it read it`, () => expect(writeWeek(readWeek(text)!)).toBe(text))
  it('knows a week that runs over its end', () => expect(writeWeek(readWeek('Sa-Mo 10:00-12:00')!)).toBe('Mo 10:00-12:00; Sa-Su 10:00-12:00'))
  it('lets a later rule replace an earlier one', () => expect(writeWeek(readWeek('Mo-Su 08:00-18:00; We off; Fr 08:00-12:00')!)).toBe('Mo-Tu 08:00-18:00; Th 08:00-18:00; Fr 08:00-12:00; Sa-Su 08:00-18:00'))
  it('reads lists of days', () => expect(readWeek('Tu,Th 14:00-16:00')![3]).toEqual([{ from: '14:00', to: '16:00' }]))
  for (const text of ['Mo-Fr 08:00-17:00; PH off', '2026 Dec 25 off', 'Mo-Fr 08:00-17:00 "ring twice"', '"by appointment"', 'Aug off', '08:00-17:00', 'Mo-Fr 25:00-26:00', 'Mo-Xx 08:00-17:00', 'Mo-Fr 08:00+'])
    it(`leaves "${text}" as text`, () => expect(readWeek(text)).toBeNull())
})
