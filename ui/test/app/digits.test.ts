import { afterEach, describe, expect, it } from 'vitest'
import { asDigits, startDigits, useCalendar, useDigits } from '@/app/digits'
import { day, moment, number } from '@/app/format'
import { t, useLanguage } from '@/app/language'

afterEach(() => {
  useDigits('latn')
  useCalendar('gregory')
})

describe('digits by choice', () => {
  it('stand in numbers, dates and sentences', async () => {
    await useLanguage('ar')
    useDigits('arab')
    expect(number(1234)).toMatch(/^١.?٢٣٤$/)
    expect(day('2026-03-31')).toMatch(/٣١.*٢٠٢٦/)
    expect(t('outbox.waiting', { n: 12 }, 12)).toContain('١٢')
  })
  it('leave codes as they are read out and typed', () => {
    useDigits('arab')
    expect(asDigits('Code M7TR-XKQ4-2D, 3 left, 18-29')).toBe('Code M7TR-XKQ4-2D, ٣ left, ١٨-٢٩')
  })
  it('are 0-9 for everybody else', () => {
    expect(asDigits('12 left')).toBe('12 left')
  })
})

describe('a field for numbers', () => {
  it('takes both kinds of digits, and other fields keep what was typed', () => {
    startDigits()
    const typed = (attributes: string, value: string) => {
      document.body.innerHTML = `<input ${attributes}>`
      const field = document.querySelector('input')!
      let seen = ''
      field.addEventListener('input', () => (seen = field.value))
      field.value = value
      field.dispatchEvent(new Event('input', { bubbles: true }))
      return seen
    }
    expect(typed('inputmode="numeric"', '٣٠')).toBe('30')
    expect(typed('inputmode="numeric"', '۱۲')).toBe('12')
    expect(typed('type="text"', 'شارع ٣')).toBe('شارع ٣')
  })
})

describe('the second calendar', () => {
  it('stands beside the first', () => {
    expect(day('2026-03-31')).not.toContain('(')
    useCalendar('islamic-umalqura')
    expect(day('2026-03-31')).toMatch(/31 Mar 2026 \(12 .*1447/)
    expect(moment('2026-03-31T10:00:00')).toMatch(/1447.*10:00/)
  })
})
