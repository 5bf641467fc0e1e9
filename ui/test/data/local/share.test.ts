import { beforeEach, describe, expect, it, vi } from 'vitest'
import * as share from '@/data/local/share'
import { clear, record } from '@/data/outbox'
import { store } from '@/data/store'
import * as vault from '@/data/vault'
import type { PersonFile } from '@/data/wire'
import { me, newDevice, type Node } from '../device'

vi.setConfig({ testTimeout: 30_000 })

const around = { who: 'Aïssa Moussa', dayOf: (at: string) => at.slice(0, 10), hidden: () => false }
const file = (person: string, name: string) => ({ person, name: { parts: [name] }, sex: 'F', heads: {}, languages: [], needs: [], conflicts: [], bases: [], companions: [], created: '2026-11-20T08:00:00Z', point: 'p1', state: 'open' }) as unknown as PersonFile
const ids = { zara: '01900000-0000-7000-8000-0000000000a1', musa: '01900000-0000-7000-8000-0000000000a2', late: '01900000-0000-7000-8000-0000000000a3', own: '01900000-0000-7000-8000-0000000000a4' }

let node: Node
let asked: string[]
let answer: (path: URLSearchParams) => object
beforeEach(async () => {
  share.close()
  node = await newDevice()
  asked = []
  node.others = (path) => {
    if (!path.startsWith('/api/share')) return undefined
    const query = new URLSearchParams(path.split('?')[1])
    asked.push(query.get('since') ?? 'everything')
    return { status: 200, body: { at: '2026-11-22T09:00:00Z', point: 'p1', people: [], arrivals: [], contacts: [], removed: [], more: false, ...answer(query) } }
  }
  await vault.enter(me(), 'open sesame')
  answer = () => ({ people: [file(ids.zara, 'Zara'), file(ids.musa, 'Musa')], all: [ids.zara, ids.musa] })
  await share.load('p1', around)
  await share.refresh()
})

/** rests is what is on the device, read with the worker's own key, as after a cold opening. */
async function rests(): Promise<string> {
  const names = (await store.share.where('account').equals('a1').toArray()).map((r) => r.part)
  return JSON.stringify(await Promise.all(names.filter((n) => n !== 'me').map((n) => vault.get(n))))
}

describe('the list of everybody who may be on the device', () => {
  it('takes whoever was erased at the node off the device, also from what rests there', async () => {
    expect(await rests()).toContain('Zara')
    answer = () => ({ all: [ids.musa] })
    await share.refresh()
    expect(await share.file(ids.zara)).toBeUndefined()
    expect(await rests()).not.toContain('Zara')
    expect(await rests()).toContain('Musa')
  })
  it('takes the name off the records of the day as well', async () => {
    const row = { contact: 'c1', happened: new Date().toISOString(), recorded: '', initials: 'Z.', persons: 1, person: ids.zara, services: [], entry: 'live', day: new Date().toISOString().slice(0, 10) }
    answer = () => ({ contacts: [row], all: [ids.zara, ids.musa] })
    await share.refresh()
    expect((await share.contacts('p1', row.day))?.contacts[0]).toMatchObject({ initials: 'Z.' })
    answer = () => ({ all: [ids.musa] })
    await share.refresh()
    expect((await share.contacts('p1', row.day))?.contacts[0]).toMatchObject({ initials: null })
  })
  it('asks for everything when somebody in it is not here, and not for ever', async () => {
    answer = (q) => ({ people: q.get('since') ? [] : [file(ids.zara, 'Zara'), file(ids.musa, 'Musa'), file(ids.late, 'Late')], all: [ids.zara, ids.musa, ids.late] })
    await share.refresh()
    expect(asked).toEqual(['everything', '2026-11-22T09:00:00Z', 'everything'])
    expect(share.fileNow(ids.late)?.name?.parts).toEqual(['Late'])
    asked = []
    answer = () => ({ all: [ids.zara, ids.musa, ids.late, 'never-comes'] })
    await share.refresh()
    await share.refresh()
    expect(asked).toEqual(['2026-11-22T09:00:00Z', 'everything', '2026-11-22T09:00:00Z'])
  })
  it('leaves alone whose file was made here and is not at the node yet', async () => {
    node.answers = [503]
    await record({ method: 'POST', path: '/api/people', body: { id: ids.own, point: 'p1', name: { parts: ['Own'] }, sex: 'F', languages: [], needs: [], interpreter: false, basis: { basis: 'consent' } }, subject: 'row', label: 'x' }).saved
    answer = () => ({ all: [ids.zara, ids.musa] })
    await share.refresh()
    expect(share.fileNow(ids.own)).toBeDefined()
    clear()
  })
  it('changes nothing when the node does not send one', async () => {
    answer = () => ({})
    await share.refresh()
    expect(share.fileNow(ids.zara)).toBeDefined()
  })
})
