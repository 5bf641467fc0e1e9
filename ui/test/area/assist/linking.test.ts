import { describe, expect, it } from 'vitest'
import { linkable } from '@/area/assist/linking'
import { apply, emptyMemory, type Around, type Row } from '@/data/local/memory'
import type { Arrival, ContactRow } from '@/data/wire'

const row = (contact: string, happened: string, more: Partial<ContactRow> = {}): ContactRow => ({ contact, happened, recorded: happened, persons: 1, services: [], asked: [], entry: 'live', ...more })
const arrival = { arrival: 'a', happened: '2026-03-10T08:00:00Z', total: 200, linked: 0, point: 'x', day: '2026-03-10', kind: 'vehicle', services: [], asked: [], state: 'recorded' } as Arrival
const around: Around = { who: 'Hawa', dayOf: () => '2026-03-10', openedFact: (p) => p, hidden: () => false }

describe('who may have come with an arrival', () => {
  it('was met one by one since, and belongs to none', () => {
    const rows = [
      row('a', arrival.happened, { persons: 200 }), row('late', '2026-03-10T10:00:00Z'), row('soon', '2026-03-10T09:00:00Z'), row('before', '2026-03-10T07:00:00Z'),
      row('tally', '2026-03-10T09:00:00Z', { persons: 4 }), row('undone', '2026-03-10T09:00:00Z', { state: 'undone' }), row('linked', '2026-03-10T09:00:00Z', { arrival: 'b' }),
    ]
    expect(linkable(rows, arrival).map((r) => r.contact)).toEqual(['soon', 'late'])
    expect(linkable(rows, undefined)).toEqual([])
  })
})

describe('without the node', () => {
  it('many are linked at once, and each once', () => {
    const m = emptyMemory()
    m.arrivals.set('a', { ...arrival })
    for (const id of ['c1', 'c2']) m.rows.set(id, { ...row(id, '2026-03-10T09:00:00Z'), point: 'x', day: '2026-03-10' } as Row)
    for (let i = 0; i < 2; i++) apply(m, { method: 'POST', path: '/api/arrivals/a/link', body: { contacts: ['c1', 'c2'] }, subject: 'row', label: '' }, around)
    expect([m.arrivals.get('a')!.linked, m.rows.get('c2')!.arrival]).toEqual([2, 'a'])
  })
  it('a correction names what it replaces for the next one, and settles what it names', () => {
    const m = emptyMemory()
    const conflicts = [{ field: 'stage', open: true, values: [{ fact: 'f1', value: 'border', when: '' }, { fact: 'f2', value: 'transit', when: '' }] }]
    m.rows.set('c1', { ...row('c1', '2026-03-10T09:00:00Z', { edits: ['f1', 'f2'], conflicts }), point: 'x', day: '2026-03-10' } as Row)
    const correct = (id: string, replaces: string[]) => apply(m, { method: 'POST', path: '/api/contacts/c1/corrections', body: { id, why: 'mistake', replaces, changes: { stage: 'arrived' } }, subject: 'c1', label: '' }, around)
    correct('f3', ['f1'])
    expect([m.rows.get('c1')!.edits, m.rows.get('c1')!.conflicts]).toEqual([['f2', 'f3'], conflicts])
    correct('f4', ['f1', 'f2', 'f3'])
    expect([m.rows.get('c1')!.edits, m.rows.get('c1')!.conflicts]).toEqual([['f4'], []])
  })
})
