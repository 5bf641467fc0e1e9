import { beforeEach, describe, expect, it } from 'vitest'
import { consent, giveCatalogue, list, offered, sealedServices, serviceName } from '@/app/catalogue'
import services from '../../../internal/catalogue/data/services.json'
import lists from '../../../internal/catalogue/data/lists.json'
import texts from '../../../internal/catalogue/data/consent.json'
import type { Lists, Services } from '@/data/wire'

beforeEach(() => giveCatalogue({ version: 1, services } as unknown as Services, { ...lists, consent: texts, version: 1 } as unknown as Lists))
const codes = (all: { code: string }[]) => all.map((s) => s.code)

describe('the catalogue at a desk', () => {
  it('shows a point its own services first, a family standing for its services', () => {
    const { usual, more } = offered({ services: [{ code: 'water' }, { code: 'food' }] }, false)
    expect(codes(usual)).toEqual(['water', 'food.meal', 'food.ration'])
    expect(codes(more)).toContain('hygiene_kit')
  })
  it('moves what it has given before to the front', () => {
    expect(codes(offered({ services: [{ code: 'water' }] }, false, ['hygiene_kit', 'mhpss']).usual)).toEqual(['water', 'hygiene_kit'])
    expect(offered(null, false, ['water']).more).toEqual([])
  })
  it('offers everything when a point says nothing', () => {
    expect(offered(null, false).more).toEqual([])
    expect(codes(offered(null, false).usual)).toContain('water')
  })
  it('never offers a sealed service for a person, whoever asks', () => {
    for (const health of [false, true]) {
      const { usual, more } = offered({ services: [{ code: 'mhpss' }, { code: 'water' }] }, health)
      for (const s of [...usual, ...more]) expect(s.seen).not.toBe('S')
    }
    expect(codes(sealedServices.value)).toContain('mhpss')
  })
  it('offers health services to health staff only', () => {
    expect(codes(offered(null, false).usual)).not.toContain('primary_health.medicine')
    expect(codes(offered(null, true).usual)).toContain('primary_health.medicine')
  })
  it('hides what the lists hide', () => {
    expect(list('sexes').map((s) => s.code)).not.toContain('X')
    expect(serviceName('water')).toBe('Drinking water')
    expect(serviceName('never_heard')).toBe('never_heard')
  })
  it('has a text to read aloud in the language asked for, else in that of the screen', () => {
    expect(consent('fr')?.lang).toBe('fr')
    expect(consent('ha')?.lang).toBe('en')
    expect(consent('fr')?.text.card.text).toContain('carte')
  })
})
