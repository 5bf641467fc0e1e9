import { describe, expect, it } from 'vitest'
import { changesOf, type Editable } from '@/area/people/changes'
import { nameOf, scriptOf } from '@/area/people/names'
import type { PersonFile } from '@/data/wire'

const file = {
  name: { parts: ['Fatima', 'Abdou'] }, sex: 'F', age: { low: 24, high: 28, on: '2026-03-01', method: 'stated' }, languages: ['ha'], interpreter: false, needs: ['food_water'],
  heads: { name: ['f1'], sex: ['f2'], age: ['f3', 'f4'] },
} as unknown as PersonFile
const same: Editable = { name: file.name, sex: 'F', age: file.age, languages: ['ha'], interpreter: false, needs: ['food_water'] }

describe('an edit', () => {
  it('says nothing when nothing changed', () => expect(changesOf(file, same)).toEqual({}))
  it('names for each field the edits it replaces', () => {
    expect(changesOf(file, { ...same, sex: 'N', age: { low: 19, high: 19, on: '2026-03-31', method: 'stated' } })).toEqual({
      sex: { value: 'N', replaces: ['f2'] }, age: { value: { low: 19, high: 19, on: '2026-03-31', method: 'stated' }, replaces: ['f3', 'f4'] },
    })
  })
  it('adds and removes needs one by one, so that needs it may not see stay', () => {
    expect(changesOf(file, { ...same, needs: ['clothes'] })).toEqual({ needs_add: ['clothes'], needs_remove: ['food_water'] })
  })
  it('can take the name away', () => expect(changesOf(file, { ...same, name: null }).name).toEqual({ replaces: ['f1'] }))
})

describe('a name', () => {
  it('is an ordered bag of parts', () => expect(nameOf('  Abdoul  Karim Ould  Sidi ')?.parts).toEqual(['Abdoul', 'Karim', 'Ould', 'Sidi']))
  it('may be missing', () => expect(nameOf('   ')).toBeNull())
  it('knows its script', () => {
    expect([scriptOf('Zara'), scriptOf('فاطمة'), scriptOf('ሰላም'), scriptOf('ⵜⵉⵏⵀⵉⵏⴰⵏ'), scriptOf('…')]).toEqual(['Latn', 'Arab', 'Ethi', 'Tfng', 'Zyyy'])
  })
})
