import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { faceOf } from '@/area/cards/faces'

const source = readFileSync(join(import.meta.dirname, '../../../../internal/area/cards/face.go'), 'utf8')

it('desk and node print the same words on a card', () => {
  const there = [...source.matchAll(/^\t"(\w\w)": "(.+)",$/gm)].map((m) => [m[1]!, m[2]!])
  expect(there.length).toBeGreaterThan(4)
  for (const [lang, text] of there) expect(faceOf(lang!)).toMatchObject({ lang, text })
})

it('the face tells no organisation, place or date', () => {
  for (const lang of ['en', 'fr', 'ar', 'es', 'ha']) expect(faceOf(lang).text).not.toMatch(/\d|Red|Croi|Cruz|Croissant|Crescent|Serai|هلال|صليب/)
})

it('an unknown language gets English, Arabic runs from the right', () => {
  expect(faceOf('ti')).toMatchObject({ lang: 'en', dir: 'ltr' })
  expect(faceOf('ar-LY')).toMatchObject({ lang: 'ar', dir: 'rtl' })
})
