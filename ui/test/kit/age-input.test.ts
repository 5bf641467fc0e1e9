import { describe, expect, it } from 'vitest'
import { bands, ofBirthYear, parseAge } from '@/kit/age-input'

const on = '2026-03-31'
describe('an age as it is typed', () => {
  for (const [sentence, text, expected] of [
    ['one number is that age', '27', { low: 27, high: 27 }],
    ['two numbers are an interval', '25-30', { low: 25, high: 30 }],
    ['a long dash and spaces count', ' 25 – 30 ', { low: 25, high: 30 }],
    ['Arabic digits count', '٢٧', { low: 27, high: 27 }],
    ['Persian digits count', '۳۰-۳۵', { low: 30, high: 35 }],
    ['zero is a baby', '0', { low: 0, high: 0 }],
    ['nothing is no age', '  ', null],
    ['words are not understood', 'about 30', { error: 'people.age_unreadable' }],
    ['180 is nobody', '180', { error: 'people.age_too_high' }],
    ['an interval goes upwards', '30-25', { error: 'people.age_reversed' }],
    ['a negative age is not understood', '-5', { error: 'people.age_unreadable' }],
  ] as [string, string, unknown][]) {
    it(sentence, () => {
      const age = parseAge(text, on, 'stated')
      if (expected === null) expect(age).toBeNull()
      else expect(age).toMatchObject(expected as object)
    })
  }
  it('keeps its day and how it is known', () => {
    expect(parseAge('27', on, 'estimated')).toEqual({ low: 27, high: 27, on, method: 'estimated' })
  })
})
describe('a year of birth', () => {
  it('leaves two possible ages: the birthday may still come', () => {
    expect(ofBirthYear('2000', on)).toEqual({ low: 25, high: 26, on, method: 'year' })
  })
  it('of this year is a baby', () => expect(ofBirthYear('2026', on)).toMatchObject({ low: 0, high: 0 }))
  for (const text of ['2027', '1890', '99', 'two']) it(`${text} is refused`, () => expect(ofBirthYear(text, on)).toEqual({ error: 'people.year_unlikely' }))
})
it('the bands of one tap leave no age out and name none twice', () => {
  expect(bands[0]!.low).toBe(0)
  bands.slice(1).forEach((b, i) => expect(b.low).toBe(bands[i]!.high + 1))
})
