import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { router } from '@/app/router'
import { languages, t, useLanguage } from '@/app/language'
import { found, readGuide } from '@/area/help/guide'

const text = (code: string) => readFileSync(`src/words/${code}/help.md`, 'utf8')

describe('the guide', () => {
  it('has parts with text, lists and tables', () => {
    const [first, second] = readGuide('## a: One\n\n- **x** y\n- z\n\nwords\nmore\n\n## b: Two\n\n| h | i |\n|---|---|\n| 1 | **2** |\n', (k) => k)
    expect(first).toMatchObject({ id: 'a', title: 'One', blocks: [{ kind: 'list', items: [[{ text: 'x', strong: true }, { text: ' y', strong: false }], [{ text: 'z', strong: false }]] }, { kind: 'text', pieces: [{ text: 'words more', strong: false }] }] })
    expect(second!.blocks[0]).toMatchObject({ kind: 'table', rows: [[[{ text: '1' }], [{ text: '2', strong: true }]]] })
  })
  it('says the words that stand on the screen, in every language', async () => {
    for (const l of languages) {
      await useLanguage(l.code)
      const sections = readGuide(text(l.code), t)
      expect(sections.length).toBeGreaterThan(12)
      expect(sections.find((s) => s.id === 'tally')!.title).toBe(t('assist.tally.title'))
      expect(JSON.stringify(sections)).not.toMatch(/\{[a-z]+\.|\*\*/)
    }
  })
  it('has the part that each page points to', () => {
    const ids = new Set(readGuide(text('en'), t).map((s) => s.id))
    for (const page of router.getRoutes()) if (page.meta.help) expect(ids, page.path).toContain(page.meta.help)
  })
  it('is searched without accents, cases and vowel marks', () => {
    const french = readGuide(text('fr'), (k) => k)
    expect(found(french, 'ECHAP').map((s) => s.id)).toEqual(['begin'])
    expect(found(french, 'reseau batterie').map((s) => s.id)).toEqual(['offline'])
    expect(found(readGuide(text('ar'), (k) => k), 'الاتجار')).toEqual([])
    expect(found(readGuide(text('ar'), (k) => k), 'اتجار').map((s) => s.id)).toEqual(['file'])
    expect(found(french, 'zzz')).toEqual([])
  })
})
