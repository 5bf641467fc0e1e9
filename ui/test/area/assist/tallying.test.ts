import { beforeEach, describe, expect, it } from 'vitest'
import { clear } from '@/data/outbox'
import { connect } from '@/data/client'
import { Tally } from '@/area/assist/tallying'
import { detailsAt, keepDetails } from '@/area/assist/habits'

const requests: { path: string; body: Record<string, unknown> }[] = []
let silent = false
beforeEach(() => {
  clear()
  requests.length = 0
  silent = false
  connect({
    heard: () => {},
    silent: () => {},
    fetch: async (url, init) => {
      if (silent) throw new TypeError('no network')
      requests.push({ path: String(url), body: JSON.parse(String(init!.body)) as Record<string, unknown> })
      return new Response('{}', { status: 201, headers: { 'Content-Type': 'application/json' } })
    },
  })
})
/** settle waits for the queue, which first asks whether this browser keeps anything. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 60))
const water = [{ code: 'water', quantity: 2 }]

describe('the tally', () => {
  it('makes one contact of one tap, with the usual services', async () => {
    const tally = new Tally(() => 1_000)
    tally.tap('p1', 'woman', water, detailsAt('p1'))
    await settle()
    expect(requests).toHaveLength(1)
    expect(requests[0]!.body).toMatchObject({ point: 'p1', tally: { buttons: { woman: 1 } }, services: water, entry: 'live', group: 'on_move', disability: 'not_asked' })
    expect(tally.count('woman')).toBe(1)
  })
  it('takes the newest tap back within ten seconds, then the one before', async () => {
    let now = 1_000
    const tally = new Tally(() => now)
    const first = tally.tap('p1', 'girl', water, detailsAt('p1'))
    now += 4_000
    const second = tally.tap('p1', 'man', water, detailsAt('p1'))
    await settle()
    expect(tally.undo()).toBe(second)
    expect(tally.undo()).toBe(first)
    await settle()
    expect(requests.slice(2).map((r) => r.path)).toEqual([`/api/contacts/${second.contact}/undo`, `/api/contacts/${first.contact}/undo`])
    expect([tally.count('girl'), tally.count('man')]).toEqual([0, 0])
  })
  it('leaves a tap alone after ten seconds', async () => {
    let now = 1_000
    const tally = new Tally(() => now)
    tally.tap('p1', 'boy', [], detailsAt('p1'))
    await settle()
    now += 10_000
    expect(tally.last()).toBeNull()
    expect(tally.undo()).toBeNull()
    expect(tally.count('boy')).toBe(1)
  })
  it('never sends a tap that was taken back before it left', async () => {
    silent = true
    const tally = new Tally(() => 1_000)
    tally.tap('p1', 'woman', [], detailsAt('p1'))
    await settle()
    const untried = tally.tap('p1', 'man', [], detailsAt('p1'))
    expect(untried.entry.tries).toBe(0)
    tally.undo()
    await settle()
    expect(untried.undone).toBe(true)
    expect(requests).toHaveLength(0)
  })
})

describe('what a point usually records', () => {
  it('is remembered, but never that somebody has a disability or was here before', () => {
    keepDetails('p1', { group: 'return', stage: 'going_back', direction: 'back', disability: 'yes', repeat: 'before' })
    expect(detailsAt('p1')).toEqual({ group: 'return', stage: 'going_back', direction: 'back', disability: 'not_asked', repeat: 'not_asked' })
    expect(detailsAt('p2').group).toBe('on_move')
  })
})
