import { beforeEach, describe, expect, it, vi } from 'vitest'
import { partsOf, score } from '@/data/local/alike'
import { apply, emptyMemory, find, type Around, type Memory } from '@/data/local/memory'
import type { Write } from '@/data/outbox'

const around: Around = { who: 'Aïssa', dayOf: (at) => at.slice(0, 10), openedFact: (p) => 'fact of ' + p, hidden: (n) => n === 'private_talk' }
const post = (path: string, body: unknown, method: Write['method'] = 'POST'): Write => ({ method, path, body, subject: 's', label: 'l' })
const zara = { id: 'p1', point: 'pt', name: { parts: ['Zara', 'Mahamat'] }, sex: 'F', languages: ['ha'], interpreter: false, needs: ['food_water', 'private_talk'], basis: { basis: 'consent', purpose: 'file', answer: 'yes' } }
const contact = { id: 'c1', point: 'pt', happened: '2026-11-20T10:00:00Z', person: 'p1', entry: 'live', services: [{ code: 'water', quantity: 2 }], asked: [{ code: 'shelter', reason: 'full' }] }
const with_ = (...writes: Write[]): Memory => {
  const m = emptyMemory()
  for (const w of writes) apply(m, w, around)
  return m
}

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-20T12:00:00Z') })
  return () => void vi.useRealTimers()
})

describe('what was done here without the node', () => {
  it('shows in the file, its history and the day', () => {
    const m = with_(post('/api/people', zara), post('/api/contacts', contact))
    expect(m.people.get('p1')).toMatchObject({ file: { name: { parts: ['Zara', 'Mahamat'] }, state: 'open', heads: { name: ['fact of p1'] } }, history: [{ service: 'water', quantity: 2, day: '2026-11-20' }], unmet: [{ code: 'shelter' }], last_day: '2026-11-20' })
    expect(m.rows.get('c1')).toMatchObject({ initials: 'Z. M.', day: '2026-11-20', mine: true })
  })
  it('does not show a sealed need to whoever wrote it down', () => {
    expect(with_(post('/api/people', zara)).people.get('p1')?.file.needs).toEqual(['food_water'])
  })
  it('is there once, however often it is repeated', () => {
    const once = [post('/api/people', zara), post('/api/contacts', contact), post('/api/people/p1/bases', { id: 'b', basis: 'consent', purpose: 'card', answer: 'yes' })]
    expect(with_(...once, ...once)).toEqual(with_(...once))
  })
  it('takes back what was undone, and only that', () => {
    const m = with_(post('/api/people', zara), post('/api/contacts', contact), post('/api/contacts', { ...contact, id: 'c2' }), post('/api/contacts/c1/undo', { id: 'u' }))
    expect([m.rows.get('c1')?.state, m.people.get('p1')?.history.length]).toEqual(['undone', 1])
  })
  it('names its own edit as what the next edit replaces', () => {
    const m = with_(post('/api/people', zara), post('/api/people/p1', { id: 'e1', changes: { sex: { value: 'M', replaces: ['fact of p1'] }, needs_add: ['shelter', 'private_talk'] } }, 'PATCH'))
    expect(m.people.get('p1')?.file).toMatchObject({ sex: 'M', needs: ['food_water', 'shelter'], heads: { sex: ['e1'], name: ['fact of p1'] } })
  })
  it('links companions both ways and parts them both ways', () => {
    const m = with_(post('/api/people', zara), post('/api/people', { ...zara, id: 'p2' }), post('/api/people/p1/companions', { with: 'p2' }))
    expect([m.people.get('p1')?.file.companions, m.people.get('p2')?.file.companions]).toMatchObject([[{ person: 'p2' }], [{ person: 'p1' }]])
    apply(m, post('/api/people/p2/companions/p1', undefined, 'DELETE'), around)
    expect([m.people.get('p1')?.file.companions, m.people.get('p2')?.file.companions]).toEqual([[], []])
  })
  it('counts an arrival and what was linked to it', () => {
    const m = with_(post('/api/arrivals', { id: 'a1', point: 'pt', happened: '2026-11-20T10:00:00Z', kind: 'vehicle', size: { man: 40, woman: 20 } }), post('/api/contacts', { ...contact, person: undefined }), post('/api/arrivals/a1/link', { contact: 'c1' }))
    expect(m.arrivals.get('a1')).toMatchObject({ total: 60, linked: 1 })
  })
  it('leaves alone what this device does not hold', () => {
    expect(with_(post('/api/people/unknown/events', { kind: 'died' }), post('/api/contacts/x/undo', {}), post('/api/unheard/of', {}))).toEqual(emptyMemory())
  })
})

describe('a name asked for', () => {
  const alike = (a: string, b: string) => score(partsOf(a.split(' ')), partsOf(b.split(' ')))
  it.each([['Mohamed Diallo', 'Muhammad Jallow'], ['Khadija', 'Kadidja'], ['Fatoumata', 'Fatumata'], ['يوسف', 'Youssouf'], ['Ousmane', 'Usman'], ['محمد علي', 'Mohamed Ali'], ['Zara Mahamat', 'Mahamat Zara']])('%s is heard in %s', (a, b) => {
    expect(alike(a, b)).toBeGreaterThan(0.55)
  })
  it.each([['Zara', 'Ibrahim'], ['Awa', 'Moussa'], ['Ali', 'Omar']])('%s is not %s', (a, b) => {
    expect(alike(a, b)).toBeLessThan(0.55)
  })
  it('shows three at most, the best first, and says that there are more', () => {
    const m = emptyMemory()
    for (const [i, name] of ['Musa', 'Moussa', 'Moussa Issa', 'Moussa Ali', 'Zara'].entries()) apply(m, post('/api/people', { ...zara, id: `p${i}`, name: { parts: name.split(' ') }, sex: i === 4 ? 'F' : 'M' }), around)
    const answer = find(m, { name: 'moussa', sex: 'M' })
    expect([answer.found.length, answer.more, answer.found[0]!.file.name?.parts]).toEqual([3, true, ['Moussa']])
    expect(find(m, { name: 'moussa', sex: 'F' }).found).toEqual([])
    expect(find(m, { name: 'moussa', age: 30, language: 'ar' }).found).toEqual([])
  })
})
