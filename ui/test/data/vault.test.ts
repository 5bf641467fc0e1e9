import { beforeEach, describe, expect, it, vi } from 'vitest'
import { store } from '@/data/store'
import * as vault from '@/data/vault'
import { me, newDevice, type Node } from './device'

vi.setConfig({ testTimeout: 30_000 })

let node: Node
const code = (code: string) => expect.objectContaining({ code })

beforeEach(async () => {
  node = await newDevice()
})

describe('a worker known on this device', () => {
  it('opens it without the node, and nobody else does', async () => {
    await vault.enter(me(), 'open sesame')
    await vault.put('people/1', { name: 'Zara' })
    vault.leave()
    node.silent = true
    await expect(vault.unlock('aissa', 'open says me')).rejects.toEqual(code('desk.wrong_secret'))
    await expect(vault.unlock('omar', 'open sesame')).rejects.toEqual(code('desk.unknown_here'))
    expect((await vault.unlock(' AISSA ', 'open sesame')).account.login).toBe('aissa')
    expect(await vault.get('people/1')).toEqual({ name: 'Zara' })
  })
  it('cannot read what another worker keeps', async () => {
    await vault.enter(me(), 'open sesame')
    await vault.put('people/1', 'of the first')
    vault.leave()
    await vault.enter(me('omar', 'a2'), 'another secret')
    expect(await vault.get('people/1')).toBeUndefined()
    const box = await store.share.get(['a1', 'people/1'])
    await store.share.put({ account: 'a2', part: 'people/1', box: box!.box })
    expect(await vault.get('people/1')).toBeUndefined()
  })
  it('waits longer after every wrong try from the fifth on', async () => {
    await vault.enter(me(), 'open sesame')
    vault.leave()
    for (let i = 0; i < 5; i++) await expect(vault.unlock('aissa', 'no')).rejects.toEqual(code('desk.wrong_secret'))
    await expect(vault.unlock('aissa', 'open sesame')).rejects.toEqual(code('desk.wait'))
  })
  it('must be seen by the node again after two weeks', async () => {
    await vault.enter(me(), 'open sesame')
    vault.leave()
    await store.workers.toCollection().modify((w) => { w.until = Date.now() - 1 })
    await expect(vault.unlock('aissa', 'open sesame')).rejects.toEqual(code('desk.too_long'))
  })
  it('opens it with a clock that went back two years, and each time costs a day', async () => {
    await vault.enter(me(), 'open sesame')
    vault.leave()
    const back = vi.spyOn(Date, 'now')
    const at = Date.now()
    const year = 365 * 86_400_000
    back.mockReturnValue(at - 2 * year)
    expect((await vault.unlock('aissa', 'open sesame')).account.login).toBe('aissa')
    expect((await store.workers.toArray())[0]!.until).toBe(at - 2 * year + 13 * 86_400_000)
    for (let i = 0; i < 12; i++) {
      back.mockReturnValue(at - 2 * year - (i + 1) * 3_600_000)
      await vault.unlock('aissa', 'open sesame')
    }
    back.mockReturnValue(at - 3 * year)
    await expect(vault.unlock('aissa', 'open sesame')).rejects.toEqual(code('desk.too_long'))
    back.mockRestore()
  })
  it('says so when only the passkey opens it', async () => {
    await vault.enter(me(), 'open sesame')
    vault.leave()
    await store.workers.toCollection().modify((w) => { w.locks = { passkey: { credential: new Uint8Array(4), salt: new Uint8Array(4), box: { iv: new Uint8Array(12), data: new ArrayBuffer(8) } } } })
    await expect(vault.unlock('aissa', 'open sesame')).rejects.toEqual(code('desk.passkey_only'))
  })
  it('keeps the share when the password changed, because the node gives the key back', async () => {
    await vault.enter(me(), 'open sesame')
    await vault.put('people/1', 'kept')
    vault.leave()
    await vault.enter(me(), 'a new password')
    expect(await vault.get('people/1')).toBe('kept')
    vault.leave()
    await expect(vault.unlock('aissa', 'open sesame')).rejects.toEqual(code('desk.wrong_secret'))
  })
  it('begins anew when nothing opens the old vault', async () => {
    await vault.enter(me(), 'open sesame')
    await vault.put('people/1', 'gone')
    vault.leave()
    node.others = (path) => (path === '/api/device/restore' ? { status: 403, body: { code: 'outbox.vault_of_another' } } : undefined)
    await vault.enter(me(), 'a new password')
    expect(await vault.get('people/1')).toBeUndefined()
  })
})

describe('a checkpoint', () => {
  it('leaves nothing that opens the device, and the hub opens it again', async () => {
    await vault.enter(me(), 'open sesame')
    await vault.put('people/1', 'kept')
    await vault.checkpoint()
    expect(await vault.atCheckpoint()).toBeTypeOf('number')
    await expect(vault.unlock('aissa', 'open sesame')).rejects.toEqual(code('desk.dropped'))
    const rows = await store.workers.toArray()
    expect(rows[0]).toMatchObject({ locks: {} })
    expect(rows[0]!.signer).toBeUndefined()
    await vault.enter(me(), 'open sesame')
    expect([await vault.get('people/1'), await vault.atCheckpoint()]).toEqual(['kept', null])
  })
})

describe('what rests on the device', () => {
  it('names nobody', async () => {
    await vault.enter(me(), 'open sesame')
    await vault.put('people/1', { name: 'Zara Mahamat' })
    const decoder = new TextDecoder('latin1')
    const all = JSON.stringify([await store.workers.toArray(), await store.share.toArray(), await store.meta.toArray()], (_, v) => (v instanceof ArrayBuffer || ArrayBuffer.isView(v) ? decoder.decode(v as ArrayBuffer) : v))
    expect(all).not.toMatch(/aissa|Moussa|Zara|sesame/i)
  })
  it('is taken as absent when it was altered', async () => {
    await vault.enter(me(), 'open sesame')
    await vault.put('people/1', 'x')
    const row = (await store.share.get(['a1', 'people/1']))!
    new Uint8Array(row.box.data)[0]! ^= 1
    await store.share.put(row)
    expect(await vault.get('people/1')).toBeUndefined()
  })
})
