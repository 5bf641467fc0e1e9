import { describe, expect, it } from 'vitest'
import { repeats } from '@/area/assist/interval'
import type { CatalogueService, HistoryEntry } from '@/data/wire'

const service = (code: string, asks: CatalogueService['asks']) => [code, { code, labels: {}, family: code, sector: 'WASH', unit: 'kit', seen: 'O', asks }] as const
const catalogue = new Map<string, CatalogueService>([service('hygiene_kit', { count: 1, hours: 720 }), service('food.meal', { count: 3, hours: 24 }), service('water', null), service('survival_kit', { count: 1, per: 'rescue' })])
const had = (day: string, code: string): HistoryEntry => ({ day, service: code, quantity: 1, source: 'card' })
const ask = (code: string, history: HistoryEntry[], now = '2026-03-31') => repeats([{ code, quantity: 1 }], history, (c) => catalogue.get(c), now)

describe('the usual interval of a service', () => {
  for (const [sentence, code, history, count] of [
    ['a kit of nine days ago raises a question', 'hygiene_kit', [had('2026-03-22', 'hygiene_kit')], 1],
    ['a kit of thirty days ago raises none', 'hygiene_kit', [had('2026-03-01', 'hygiene_kit')], 0],
    ['two meals today raise none', 'food.meal', [had('2026-03-31', 'food.meal'), had('2026-03-31', 'food.meal')], 0],
    ['a fourth meal today raises one', 'food.meal', Array.from({ length: 3 }, () => had('2026-03-31', 'food.meal')), 1],
    ['water is never asked about', 'water', Array.from({ length: 9 }, () => had('2026-03-31', 'water')), 0],
    ['what is asked per rescue is left to the node', 'survival_kit', [had('2026-03-31', 'survival_kit')], 0],
    ['another service raises none', 'hygiene_kit', [had('2026-03-31', 'food.meal')], 0],
    ['a day in the future raises none', 'hygiene_kit', [had('2026-04-02', 'hygiene_kit')], 0],
    ['a service that the catalogue does not know raises none', 'unknown', [had('2026-03-31', 'unknown')], 0],
  ] as [string, string, HistoryEntry[], number][]) {
    it(sentence, () => expect(ask(code, history)).toHaveLength(count))
  }
  it('names the last day', () => {
    expect(ask('hygiene_kit', [had('2026-03-10', 'hygiene_kit'), had('2026-03-22', 'hygiene_kit')])[0]).toMatchObject({ last: '2026-03-22', count: 2, limit: 1 })
  })
})
