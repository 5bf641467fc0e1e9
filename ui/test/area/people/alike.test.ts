import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { i18n } from '@/app/language'
import { session } from '@/app/session'
import Alike from '@/area/people/alike.vue'
import { rowsOf, type Words } from '@/area/people/comparing'
import Conflicts from '@/area/people/conflicts.vue'
import { asking } from '@/area/people/requested'
import { timeline } from '@/area/people/timeline'
import { connect } from '@/data/client'
import type { Alike as AlikeFile, History, PersonFile } from '@/data/wire'
import { me } from '../../data/device'

const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: { template: '<p/>' } }, { path: '/people/:person', name: 'file', component: { template: '<p/>' } }] })
const global = { plugins: [i18n, router] }
const words: Words = {
  name: (parts) => parts?.join(' ') ?? '', sex: (code) => code, age: (a) => (a ? `${a.low}-${a.high}` : '?'), languages: (codes) => codes.join(' '), seen: (days) => days.join(' '),
}
const file = {
  person: 'p1', name: { parts: ['Aïchatou', 'Oumarou'] }, sex: 'F', age: { low: 24, high: 26, method: 'stated' }, languages: ['ha'], interpreter: false, needs: [], point: 'x',
  created: '2026-03-10T08:30:00Z', recorded_by: 'Hawa', state: 'open', heads: { name: ['f1', 'f2'] }, conflicts: [], same: [], alike: 1,
  bases: [{ id: 'b', basis: 'consent', purpose: 'file', answer: 'yes', day: '2026-03-10', withdrawn: '2026-03-12' }], events: [{ id: 'e', kind: 'moved_on', on: '2026-03-11' }],
  companions: [{ person: 'p9', since: '2026-03-10', relation: 'sister' }],
} as unknown as PersonFile
const other: AlikeFile = { person: 'p2', name: { parts: ['Aichatou', 'OUMAROU'] }, sex: 'U', age: null, languages: [], point: 'x', opened: '2026-03-11', score: 0.9, reasons: ['name', 'point'] }
const may = (...permissions: string[]) => (session.me = { ...me(), permissions, points: [{ id: 'x', code: 'X', name: 'Agadez' }] })
let asked: { method: string; path: string; body: unknown }[] = []
let answer: (path: string) => unknown = () => ({})
beforeEach(() => {
  asked = []
  dialogs()
  connect({
    fetch: (async (path: string, init: RequestInit) => {
      asked.push({ method: init.method ?? 'GET', path, body: init.body ? JSON.parse(init.body as string) : null })
      return Response.json(answer(path))
    }) as typeof fetch,
  })
})
// The tests' document knows no modal dialogs.
function dialogs() {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true
  }
}

describe('two files side by side', () => {
  it('differ in nothing that nobody noted, nor in accents', () => expect(rowsOf(file, other, words).map((r) => r.same)).toEqual([true, true, true, true, true]))
  it('differ where both say something else', () => {
    const rows = rowsOf(file, { ...other, sex: 'M', age: { low: 30, high: 30, method: 'stated' }, languages: ['fr'] }, words)
    expect(rows.filter((r) => !r.same).map((r) => r.field)).toEqual(['sex', 'age', 'languages'])
  })
})

describe('files that may be one person', () => {
  it('are told to everybody, and compared by those who settle them', () => {
    may('people.read')
    const seen = mount(Alike, { props: { file }, global })
    expect(seen.text()).toContain('1 other file may be about this person')
    expect(seen.find('[data-do=compare]').exists()).toBe(false)
  })
  it('are answered with one of three answers, and both stay', async () => {
    may('people.read', 'people.resolve')
    answer = (path) => (path.endsWith('/alike') && asked.at(-1)!.method === 'GET' ? { alike: [other] } : { ...file, alike: 0, same: [{ person: 'p2', fact: 'f', day: '2026-03-11' }] })
    const seen = mount(Alike, { props: { file }, global })
    await seen.find('[data-do=compare]').trigger('click')
    await flushPromises()
    expect(seen.findAll('dialog tbody tr')).toHaveLength(5)
    expect(seen.find('dialog').text()).toContain('same name · the same point')
    await seen.find('[data-do=same]').trigger('click')
    await flushPromises()
    expect(asked.at(-1)).toMatchObject({ method: 'POST', path: '/api/people/p1/alike', body: { with: 'p2', answer: 'same' } })
    const next = (seen.emitted('changed')![0] as [PersonFile])[0]
    await seen.setProps({ file: next })
    expect(seen.find('a').attributes('href')).toBe('/people/p2')
    await seen.find('[data-do=unlink]').trigger('click')
    await flushPromises()
    expect(asked.at(-1)!.body).toMatchObject({ with: 'p2', answer: 'unsure' })
  })
})

describe('what was written in two ways', () => {
  it('is open for who may not settle it, without the values', () => {
    may('people.read', 'people.edit')
    const seen = mount(Conflicts, { props: { file: { ...file, conflicts: [{ field: 'name', open: true }] } }, global })
    expect(seen.find('[data-part=open-conflict]').text()).toContain('Your lead decides')
    expect(seen.findAll('button')).toHaveLength(0)
  })
  it('shows who settles it both values, with who, where and when, and a way to write a third', async () => {
    may('people.read', 'people.edit', 'people.resolve')
    const conflicts = [{ field: 'sex', open: true, values: [{ fact: 'f1', value: 'F', who: 'Hawa', point: 'x', when: '2026-03-10T08:30:00Z' }, { fact: 'f2', value: 'M', who: 'Nurse', point: 'x', when: '2026-03-10T09:30:00Z' }] }]
    const seen = mount(Conflicts, { props: { file: { ...file, conflicts } }, global })
    expect(seen.findAll('li')).toHaveLength(2)
    expect(seen.findAll('li')[1]!.text()).toMatch(/Nurse · Agadez · .*2026/)
    await seen.find('[data-do=third]').trigger('click')
    expect(seen.emitted('write')).toHaveLength(1)
  })
})

describe('a timeline', () => {
  const past: History = { entries: [{ day: '2026-03-12', service: 'water', quantity: 3, source: 'here', point: { name: 'Agadez' } }, { day: '2026-03-09', service: 'food.meal', quantity: 1, source: 'card' }], unmet: [{ day: '2026-03-12', code: 'shelter', reason: 'full' }] }
  it('tells everything in one order, the newest day first', () => {
    expect(timeline(file, past).map((d) => [d.day, d.moments.map((m) => m.kind)])).toEqual([
      ['2026-03-12', ['withdrawn', 'unmet', 'help']], ['2026-03-11', ['event']], ['2026-03-10', ['companion', 'basis', 'opened']], ['2026-03-09', ['help']],
    ])
  })
  it('works without the help so far', () => expect(timeline(file, null)).toHaveLength(3))
})

describe('a request of a person', () => {
  it('names a file by its number', () => expect(asking(' 01A20031-CC3F-76EF-81FC-5A397C9933BE ')).toEqual({ person: '01a20031-cc3f-76ef-81fc-5a397c9933be' }))
  it('or by a card', () => expect(asking('AC1:6BF')).toEqual({ card: 'AC1:6BF' }))
  it('and by nothing else', () => expect([asking('Amina Issoufou'), asking(''), asking('HTTP://EXAMPLE.ORG')]).toEqual([null, null, null]))
})
