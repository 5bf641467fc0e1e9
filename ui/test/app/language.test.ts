import { describe, expect, it } from 'vitest'
import { direction, label, languages, lang, pluralForm, t, unbroken, useLanguage } from '@/app/language'
import { age, agoInDays, country, day, daysBefore, fromTo, listed, number, span, today } from '@/app/format'

describe('the language of the screen', () => {
  it('switches words and direction without a reload', async () => {
    expect(t('app.home')).toBe('Desk')
    await useLanguage('ar')
    expect([lang.value, direction.value, document.documentElement.dir, document.documentElement.lang]).toEqual(['ar', 'rtl', 'rtl', 'ar'])
    expect(t('app.home')).toBe('المكتب')
    await useLanguage('fr')
    expect([direction.value, t('app.home')]).toEqual(['ltr', 'Accueil'])
  })
  it('stays when a language is asked for that does not exist', async () => {
    await useLanguage('xx')
    expect(lang.value).toBe('en')
  })
  it('has six plurals in Arabic', () => {
    expect([0, 1, 2, 3, 10, 11, 99, 100, 102].map((n) => pluralForm('ar', n, 6))).toEqual([0, 1, 2, 3, 3, 4, 4, 5, 5])
  })
  it('has none and one together in French, apart in English', () => {
    expect([pluralForm('fr', 0, 2), pluralForm('fr', 1, 2), pluralForm('fr', 2, 2)]).toEqual([0, 0, 1])
    expect([pluralForm('en', 0, 2), pluralForm('en', 1, 2), pluralForm('en', 2, 2)]).toEqual([1, 0, 1])
  })
  it('says how many in each language', async () => {
    expect(t('assist.arrival.recorded', { n: 60 }, 60)).toBe('60 persons recorded.')
    await useLanguage('ar')
    expect(t('assist.arrival.recorded', { n: 2 }, 2)).toBe('سُجّل شخصان.')
    expect(t('assist.arrival.recorded', { n: number(60) }, 60)).toBe('سُجّل 60 شخصاً.')
  })
  it('sets words apart, countries and ranges as the language does', async () => {
    expect([listed(['a', 'b']), fromTo('08:00', '18:00'), country('NE'), country(''), country('ZZZ')]).toEqual(['a, b', '08:00–18:00', 'Niger', '', 'ZZZ'])
    await useLanguage('ar')
    expect([listed(['a', 'b']), fromTo('08:00', '18:00'), country('NE')]).toEqual(['a، b', '\u200f08:00–18:00', 'النيجر'])
  })
  it('keeps the signs of French with their words', async () => {
    expect(unbroken('Carte : oui ? « non »')).toBe('Carte\u00a0: oui\u00a0? «\u00a0non\u00a0»')
    await useLanguage('fr')
    expect(t('kit.colon', { what: 'Lits' })).toBe('Lits\u00a0:')
  })
  it('can say every word of every language', async () => {
    for (const l of languages) {
      await useLanguage(l.code)
      expect(t('outbox.waiting', { n: 3 }, 3)).toContain('3')
      expect(t('cards.show.expires', { day: 'X' })).toContain('X')
    }
  })
  it('names a term by its label, in English where that is missing, by its code at last', async () => {
    await useLanguage('fr')
    expect(label({ code: 'water', labels: { en: 'Water', fr: 'Eau' } })).toBe('Eau')
    expect(label({ code: 'water', labels: { en: 'Water' } })).toBe('Water')
    expect(label(undefined, 'water')).toBe('water')
  })
})

describe('dates and numbers', () => {
  it('use the digits 0-9, also in Arabic', async () => {
    await useLanguage('ar')
    expect(number(1234)).toMatch(/^1.?234$/)
    expect(day('2026-03-31')).toMatch(/31.*2026/)
    expect(agoInDays('2026-03-22', '2026-03-31')).toMatch(/9/)
  })
  it('count days in words', () => {
    expect([agoInDays('2026-03-31', '2026-03-31'), agoInDays('2026-03-30', '2026-03-31'), agoInDays('2026-03-22', '2026-03-31')]).toEqual(['today', 'yesterday', '9 days ago'])
    expect(agoInDays('2025-12-01', '2026-03-31')).toBe('4 months ago')
  })
  it('turn the operating day at four in the morning', () => {
    expect(today(new Date(2026, 2, 31, 3, 59))).toBe('2026-03-30')
    expect(today(new Date(2026, 2, 31, 4, 1))).toBe('2026-03-31')
    expect(daysBefore('2026-03-01', 1)).toBe('2026-02-28')
  })
  it('write persons as an interval', () => {
    expect(span({ low: 1180, central: 1322, high: 1507 })).toBe('1,322 (between 1,180 and 1,507)')
    expect(span({ low: 3, central: 3, high: 3 })).toBe('3')
  })
  it('write an age no more exactly than it is known', () => {
    expect([age(null), age({ low: 1, high: 1 }), age({ low: 18, high: 29 }), age({ low: 60, high: 120 })]).toEqual(['age not recorded', '1 year', '18 to 29 years', '60 or over'])
  })
})
