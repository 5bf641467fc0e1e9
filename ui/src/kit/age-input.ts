// An age is an interval with the way it is known, never more exact than that.

import type { Age, Day } from '@/data/wire'

export type AgeMethod = Age['method']
/** oldest is the highest age that is believed; 120 stands for "or older". */
export const oldest = 120

/** bands are the answers of one tap, for an age that is estimated. */
export const bands: { code: string; low: number; high: number }[] = [
  { code: '0-4', low: 0, high: 4 },
  { code: '5-11', low: 5, high: 11 },
  { code: '12-17', low: 12, high: 17 },
  { code: '18-29', low: 18, high: 29 },
  { code: '30-39', low: 30, high: 39 },
  { code: '40-49', low: 40, high: 49 },
  { code: '50-59', low: 50, high: 59 },
  { code: '60+', low: 60, high: oldest },
]

/**
 * parseAge reads what was typed: "27", "25-30", "about 30" is not understood. Digits of Arabic and Persian keyboards
 * count. It answers null for nothing typed and an error code for what cannot be an age.
 */
export function parseAge(text: string, on: Day, method: 'stated' | 'estimated'): Age | null | { error: string } {
  const plain = latinDigits(text).trim()
  if (plain === '') return null
  const match = /^(\d{1,3})(?:\s*[-–]\s*(\d{1,3}))?$/.exec(plain)
  if (!match) return { error: 'people.age_unreadable' }
  const low = Number(match[1])
  const high = match[2] === undefined ? low : Number(match[2])
  if (low > oldest || high > oldest) return { error: 'people.age_too_high' }
  if (high < low) return { error: 'people.age_reversed' }
  return { low, high, on, method }
}

/** ofBirthYear is the interval that a year of birth leaves: the birthday may still come. */
export function ofBirthYear(text: string, on: Day): Age | null | { error: string } {
  const plain = latinDigits(text).trim()
  if (plain === '') return null
  const year = Number(plain)
  const now = Number(on.slice(0, 4))
  if (!/^\d{4}$/.test(plain) || year > now || year < now - oldest) return { error: 'people.year_unlikely' }
  return { low: Math.max(0, now - year - 1), high: now - year, on, method: 'year' }
}

export function latinDigits(text: string): string {
  return text.replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (d) => String(d.codePointAt(0)! & 0xf))
}
