import { beforeEach, describe, expect, it, vi } from 'vitest'
import { again, backOff, clear, dismiss, exportFile, importFile, mine, needAttention, record, reload, retry, revive, start, takeBack, unsaved, unsent, type Write } from '@/data/outbox'
import { store } from '@/data/store'
import * as vault from '@/data/vault'
import { me, newDevice, type Node } from './device'

// A key is stretched in every test, as slowly as on the device.
vi.setConfig({ testTimeout: 30_000 })

let node: Node
const write = (path: string, subject = path, more: Partial<Write> = {}): Write => ({ method: 'POST', path, body: { id: path }, subject, label: 'outbox.contact', ...more })
const settled = (holds: () => boolean | Promise<boolean>) => vi.waitFor(async () => expect(await holds()).toBe(true), { timeout: 20_000, interval: 5 })

/** online says whether the browser knows of any network; without one nothing is tried. */
const online = (is: boolean) => Object.defineProperty(navigator, 'onLine', { value: is, configurable: true })

beforeEach(async () => {
  online(true)
  node = await newDevice()
  await vault.enter(me(), 'open sesame')
})

describe('what was tapped', () => {
  it('is saved on the device before it is sent, sealed and signed', async () => {
    node.silent = true
    const { entry, saved } = record(write('/api/contacts'))
    expect(entry.mark).toBe('saving')
    await saved
    expect([entry.mark, unsent.value]).toEqual(['waiting', 1])
    const rows = await store.outbox.toArray()
    expect(JSON.stringify(rows)).not.toContain('/api/contacts')
    node.silent = false
    again()
    await settled(() => entry.mark === 'sent')
    expect(node.taken).toEqual([{ key: entry.key, signer: rows[0]!.signer, subject: rows[0]!.subject, command: { method: 'POST', path: '/api/contacts', body: { id: '/api/contacts' }, at: entry.at, offset: 0 } }])
    expect(await store.outbox.count()).toBe(0)
  })
  it('survives a reload of the page, and is sent once', async () => {
    node.silent = true
    const kept = [record(write('/a')), record(write('/b'))]
    await Promise.all(kept.map((k) => k.saved))
    clear() // all that the page had in memory is gone
    vault.leave()
    node.silent = false
    await start()
    await settled(() => node.taken.length === 2)
    expect(node.taken.map((t) => t.key)).toEqual(kept.map((k) => k.entry.key))
    expect(new Set(node.taken.map((t) => t.key)).size).toBe(2)
  })
  it('leaves while the vault is locked, and when the next worker holds the tablet', async () => {
    node.silent = true
    vault.lock()
    const { entry, saved } = record(write('/tally'))
    await saved
    await vault.enter({ ...me('omar', 'a2') }, 'another secret').catch(() => {})
    node.silent = false
    await vault.enter(me('omar', 'a2'), 'another secret')
    again()
    await settled(() => node.taken.some((t) => t.key === entry.key))
  })
  it('is not readable to the next worker', async () => {
    node.silent = true
    await record(write('/api/people')).saved
    clear()
    node.silent = false
    node.answers = [503]
    await vault.enter(me('omar', 'a2'), 'another secret')
    await reload()
    expect(mine()).toEqual([])
    expect(unsent.value).toBe(1)
    vault.leave()
    await vault.enter(me(), 'open sesame')
    await reload()
    expect(mine().map((m) => m.write.path)).toEqual(['/api/people'])
  })
  it('is grouped, a hundred at a time', async () => {
    node.silent = true
    const all = Array.from({ length: 230 }, (_, i) => record(write(`/api/contacts/${i}`)))
    await Promise.all(all.map((r) => r.saved))
    node.silent = false
    again()
    await settled(() => node.taken.length === 230)
    expect(node.batches).toEqual([100, 100, 30])
    expect(node.taken.map((t) => t.command.path)).toEqual(all.map((_, i) => `/api/contacts/${i}`))
  })
  it('waits when the node is busy with it, and what follows the same subject waits behind it', async () => {
    online(false)
    const [one, two, three] = [record(write('/one', 'file')), record(write('/two', 'file')), record(write('/three', 'other'))]
    await Promise.all([one.saved, two.saved, three.saved])
    online(true)
    node.answers = [503, 409, 201]
    again()
    await settled(() => three.entry.mark === 'sent')
    expect([one.entry.mark, two.entry.mark]).toEqual(['waiting', 'waiting'])
    again()
    await settled(() => one.entry.mark === 'sent' && two.entry.mark === 'sent')
  })
  it('stays with its reason when the node refuses it, over a reload as well', async () => {
    node.answers = [{ status: 422, code: 'assist.in_future' }]
    const { entry, done } = record(write('/a'))
    await expect(done).rejects.toMatchObject({ code: 'assist.in_future' })
    expect(entry.mark).toBe('attention')
    clear()
    await reload()
    expect(needAttention.value.map((e) => e.problem?.code)).toEqual(['assist.in_future'])
    await retry(needAttention.value[0]!)
    await settled(() => node.taken.length === 1)
  })
  it('is dropped only by whoever deals with it', async () => {
    node.answers = [{ status: 422, code: 'x' }]
    await record(write('/a')).done.catch(() => {})
    await dismiss(needAttention.value[0]!)
    expect([needAttention.value.length, await store.outbox.count()]).toEqual([0, 0])
  })
  it('can be taken back as long as it was never tried', async () => {
    online(false)
    const first = record(write('/a'))
    await first.saved
    expect(await takeBack(first.entry)).toBe(true)
    expect([unsent.value, await store.outbox.count()]).toEqual([0, 0])
    online(true)
    const { entry, done } = record(write('/b'))
    await done
    expect(await takeBack(entry)).toBe(false)
  })
  it('is tried once more when it names what stands behind it in the same batch', async () => {
    node.answers = [404, 201]
    const { entry } = record(write('/link'))
    await settled(() => entry.mark === 'sent')
  })
})

describe('bad days', () => {
  it('keeps an entry in the page when the device is full, says so, and sends it all the same', async () => {
    const add = vi.spyOn(store.outbox, 'add').mockRejectedValue(Object.assign(new Error('full'), { name: 'QuotaExceededError' }))
    node.silent = true
    const { entry, saved } = record(write('/api/contacts'))
    await expect(saved).rejects.toMatchObject({ code: 'desk.not_saved' })
    expect([entry.mark, unsaved.value]).toEqual(['unsaved', 1])
    node.silent = false
    again()
    await settled(() => entry.mark === 'sent')
    expect(node.direct.map((d) => d.key)).toEqual([entry.key])
    add.mockRestore()
  })
  it('saves it after all when there is room again', async () => {
    const add = vi.spyOn(store.outbox, 'add').mockRejectedValue(Object.assign(new Error('full'), { name: 'QuotaExceededError' }))
    node.silent = true
    const { entry } = record(write('/a'))
    await settled(() => entry.mark === 'unsaved')
    add.mockRestore()
    again()
    await settled(() => entry.mark === 'waiting')
    expect(await store.outbox.count()).toBe(1)
  })
  it('goes on when the browser clears the database under the open page', async () => {
    store.close()
    await new Promise((done) => (indexedDB.deleteDatabase('serai').onsuccess = done))
    const { entry } = record(write('/a'))
    again()
    await settled(() => node.taken.length + node.direct.length > 0)
    expect(entry.mark).not.toBe('attention')
  })
  it('shows a torn entry and sends what stands behind it', async () => {
    online(false)
    const [first, second] = [record(write('/a')), record(write('/b'))]
    await Promise.all([first.saved, second.saved])
    await store.outbox.where('key').equals(first.entry.key).modify({ sealed: '' })
    online(true)
    again()
    await settled(() => second.entry.mark === 'sent' && first.entry.mark === 'attention')
    expect(first.entry.problem?.code).toBe('desk.poisoned')
  })
  it('sends what is saved already also while the device is full', async () => {
    online(false)
    const { entry, saved } = record(write('/a'))
    await saved
    const full = () => Promise.reject(Object.assign(new Error('full'), { name: 'QuotaExceededError' }))
    const put = vi.spyOn(store.outbox, 'where').mockImplementation(() => ({ anyOf: () => ({ modify: full, delete: full }), equals: () => ({ modify: full, delete: full }) }) as never)
    online(true)
    again()
    await settled(() => entry.mark === 'sent')
    // What cannot be struck off may be sent again: the node has its key and does it once.
    expect(node.taken.length).toBe(1)
    put.mockRestore()
  })
  it('keeps anew what the page still knows when the storage was thrown away', async () => {
    online(false)
    await reload()
    const first = record(write('/a'))
    await first.saved
    store.close()
    await new Promise((done) => (indexedDB.deleteDatabase('serai').onsuccess = done))
    await store.open()
    await record(write('/b')).saved
    await reload()
    expect((await store.outbox.toArray()).length).toBe(2)
    expect(unsent.value).toBe(2)
    online(true)
    again()
    await settled(() => node.taken.length === 2)
  })
  it('finds by halves what spoils a whole request, and sends the rest', async () => {
    online(false)
    const all = ['/a', '/b', '/bad', '/c', '/d'].map((path) => record(write(path)))
    await Promise.all(all.map((r) => r.saved))
    const bad = all[2]!.entry
    node.others = (path, body: { entries: { key: string }[] }) => (path === '/api/outbox' && body.entries.some((e) => e.key === bad.key) ? { status: 400, body: { code: 'web.bad_json' } } : undefined)
    online(true)
    again()
    await settled(() => node.taken.length === 4 && bad.mark === 'attention')
    expect(node.taken.map((t) => t.command.path)).toEqual(['/a', '/b', '/c', '/d'])
    expect(bad.problem?.code).toBe('web.bad_json')
  })
  it.each([[{ nothing: 1 }], [{ results: [null, { key: 'of nobody', status: 201 }] }], [{ results: 'none' }]])('waits when the node answers what nobody understands: %j', async (body) => {
    let strange = true
    node.others = (path) => (path === '/api/outbox' && strange ? { status: 200, body } : undefined)
    const { entry, saved } = record(write('/a'))
    await saved
    await settled(() => entry.tries > 0)
    expect(entry.mark).toBe('waiting')
    strange = false
    again()
    await settled(() => entry.mark === 'sent')
  })
  it('tells the node of a clock that was set before the node was heard: work of a time to come is of now', async () => {
    online(false)
    const clocks: number[] = []
    node.others = (path, body: { clock: number }) => void (path === '/api/outbox' && clocks.push(body.clock))
    const late = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 2 * 365 * 86_400_000)
    const before = record(write('/ahead'))
    await before.saved
    late.mockRestore()
    const after = record(write('/now'))
    await after.saved
    online(true)
    again()
    await settled(() => node.taken.length === 2)
    expect(clocks[0]).toBe(before.entry.at)
    expect(Math.abs(clocks[1]! - Date.now())).toBeLessThan(20_000)
  })
  it('and work from before its own key is not two years old', async () => {
    online(false)
    const clocks: number[] = []
    node.others = (path, body: { clock: number }) => void (path === '/api/outbox' && clocks.push(body.clock))
    await store.workers.toCollection().modify((w) => { w.signer!.created = Date.now() })
    const early = vi.spyOn(Date, 'now').mockReturnValue(Date.now() - 2 * 365 * 86_400_000)
    const { entry, saved } = record(write('/behind'))
    await saved
    early.mockRestore()
    online(true)
    again()
    await settled(() => node.taken.length === 1)
    expect(clocks).toEqual([entry.at])
  })
  it('is signed by nobody but its maker', async () => {
    const add = vi.spyOn(store.outbox, 'add').mockRejectedValue(Object.assign(new Error('full'), { name: 'QuotaExceededError' }))
    node.silent = true
    const { entry } = record(write('/api/contacts'))
    await settled(() => entry.mark === 'unsaved')
    vault.leave()
    node.silent = false
    await vault.enter(me('omar', 'a2'), 'another secret')
    add.mockRestore()
    again()
    await record(write('/b')).done
    expect([entry.mark, node.direct.length, node.taken.length]).toEqual(['unsaved', 0, 1])
  })
  it('signs work anew when its key was ended and its worker is here again', async () => {
    online(false)
    const { entry, saved } = record(write('/a'))
    await saved
    node.signers.clear()
    online(true)
    vault.leave()
    await vault.enter(me(), 'open sesame')
    await revive()
    await settled(() => entry.mark === 'sent')
    expect(node.taken.map((t) => t.key)).toEqual([entry.key])
  })
  it('keeps work for another node, and does not send it to this one', async () => {
    online(false)
    const { entry, saved } = record(write('/a'))
    await saved
    await store.outbox.toCollection().modify({ node: 'n0' })
    online(true)
    again()
    await settled(() => entry.mark === 'attention')
    expect([entry.problem?.code, node.taken.length]).toEqual(['desk.other_node', 0])
  })
  it('carries unsent work as a file that another device hands over', async () => {
    node.silent = true
    await Promise.all([record(write('/a')).saved, record(write('/b')).saved])
    const file = (await exportFile())!
    expect(await file.text()).not.toContain('/a')
    node.silent = false
    clear()
    expect(await importFile(file)).toEqual({ taken: 2, refused: [] })
    await expect(importFile(new Blob(['not a file']))).rejects.toMatchObject({ code: 'desk.not_outbox' })
  })
})

describe('back-off', () => {
  it('doubles, up to five minutes', () => {
    expect([1, 2, 3, 9, 99].map(backOff)).toEqual([2000, 4000, 8000, 300_000, 300_000])
  })
})
