// Dates, times and numbers as people of the chosen language read them, in the digits and calendars chosen on this device.

import type { Age, Day, Instant, Interval } from '@/data/wire'
import { now as trueNow } from '@/data/clock'
import { calendar, digits } from './digits'
import { lang, t } from './language'

// Day before month in every language: most readers of English here learnt it so.
const tag = (ca: string = 'gregory') => `${lang.value === 'en' ? 'en-GB' : lang.value}-u-nu-${digits.value}-ca-${ca}`

export const number = (n: number) => new Intl.NumberFormat(tag()).format(n)
export function day(value: Day | Instant, weekday = false): string {
  const date = new Date(value.length === 10 ? value + 'T12:00:00' : value)
  if (Number.isNaN(date.getTime())) return value
  const first = new Intl.DateTimeFormat(tag(), { day: 'numeric', month: 'short', year: 'numeric', ...(weekday ? { weekday: 'long' } : {}) }).format(date)
  if (calendar.value === 'gregory') return first
  return `${first} (${new Intl.DateTimeFormat(tag(calendar.value), { day: 'numeric', month: 'short', year: 'numeric' }).format(date)})`
}
export function clock(value: Instant | number): string {
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? '' : new Intl.DateTimeFormat(tag(), { hour: '2-digit', minute: '2-digit', hour12: false }).format(date)
}
/** listed sets words one after another, with the comma of the language. */
export const listed = (words: readonly string[]) => words.join(lang.value === 'ar' ? '، ' : ', ')
export const moment = (value: Instant) => listed([day(value), clock(value)])
/** fromTo writes a range; where writing runs from the right, so does the range. */
export const fromTo = (from: string, to: string) => (lang.value === 'ar' ? '\u200f' : '') + `${from}–${to}`

/** country is the name of a country in the language of the screen, and its code where the browser has no name for it. */
export function country(code: string): string {
  try {
    return new Intl.DisplayNames([tag()], { type: 'region' }).of(code) ?? code
  } catch {
    return code
  }
}

/** today is the operating day of this device: it turns at 04:00, so that a night shift is one day. */
export function today(now = new Date(trueNow())): Day {
  const shifted = new Date(now.getTime() - 4 * 3600_000)
  return `${shifted.getFullYear()}-${String(shifted.getMonth() + 1).padStart(2, '0')}-${String(shifted.getDate()).padStart(2, '0')}`
}
export function daysBefore(from: Day, days: number): Day {
  const date = new Date(from + 'T12:00:00Z')
  date.setUTCDate(date.getUTCDate() - days)
  return date.toISOString().slice(0, 10)
}
export function daysBetween(from: Day, to: Day): number {
  return Math.round((Date.parse(to + 'T12:00:00Z') - Date.parse(from + 'T12:00:00Z')) / 86_400_000)
}
/** agoInDays: "today", "yesterday", "9 days ago", and months from two months on. */
export function agoInDays(value: Day, now: Day = today()): string {
  const days = daysBetween(value, now)
  const words = new Intl.RelativeTimeFormat(tag(), { numeric: 'auto' })
  return days < 60 ? words.format(-days, 'day') : words.format(-Math.round(days / 30), 'month')
}
/** agoInSeconds is the age of something that has just happened, in the largest unit that fits. */
export function agoInSeconds(seconds: number): string {
  const words = new Intl.RelativeTimeFormat(tag(), { numeric: 'auto', style: 'short' })
  if (seconds < 60) return words.format(-Math.round(seconds), 'second')
  if (seconds < 3600) return words.format(-Math.round(seconds / 60), 'minute')
  if (seconds < 86_400) return words.format(-Math.round(seconds / 3600), 'hour')
  return words.format(-Math.round(seconds / 86_400), 'day')
}
/** span writes an interval as its middle and its ends; one number when both ends agree. */
export function span(i: Interval): string {
  return i.low === i.high ? number(i.central) : t('kit.interval', { central: number(i.central), low: number(i.low), high: number(i.high) })
}
export function age(value: Pick<Age, 'low' | 'high'> | null | undefined): string {
  if (!value) return t('people.age.unknown')
  if (value.low === value.high) return t('people.age.years', { n: number(value.low) }, value.low)
  return value.high >= 120 ? t('people.age.from', { low: number(value.low) }) : t('people.age.between', { low: number(value.low), high: number(value.high) })
}
