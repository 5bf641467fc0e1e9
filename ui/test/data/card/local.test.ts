import { expect, it } from 'vitest'
import { issueLocal, mayWrite, NotACard, readLocal, Refusal, updateLocal, type CardShare } from '@/data/card'
import { vectors } from './vectors'

const made = vectors.made.find((m) => m.name === 'an update of the own card')!
const now = new Date(made.now)
const base = vectors.shares[made.share]!
const share = (change: Partial<CardShare> = {}): CardShare => ({ ...base, marks: { key: 'CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', superseded: '', revoked: '', left_out: 0 }, ...change })
const meal = { code: 'food.meal', quantity: 2 }
const refusal = (p: Promise<unknown>) => p.then(() => null, (err: unknown) => err as Refusal)

it('a text that is no card is an answer, not an error', async () => {
  expect(await readLocal('https://example.org/', share(), now)).toMatchObject({ status: 'not_a_card', codes: ['card.malformed'], entries: [], history: 'withheld', issuer: null })
})

it('a card has the shape that the node answers', async () => {
  const read = vectors.read.find((v) => v.name === 'a card that another organisation re-issued')!
  expect(await readLocal(` ${read.text}\n`, share(), now)).toEqual({
    status: 'ok', codes: [], history: 'open', sequence: 2, slip: false, issued: '2026-11-10', expires: '2027-07-01', here: [], questions: [], tag: expect.any(String),
    issuer: { number: 218, code: 'ly-rc', name: 'Libyan Red Crescent' }, recorded_by: [{ number: 227, code: 'ne-rc', name: 'Niger Red Cross' }],
    entries: [
      { day: '2026-11-10', service: 'family_links.call', quantity: 1, point: { number: 0x020001 } },
      { day: '2026-11-01', service: 'hygiene_kit', quantity: 1, point: { number: 0x010203, code: 'NE-AGZ', name: 'Agadez' }, recorded_by: { number: 227, code: 'ne-rc', name: 'Niger Red Cross' } },
    ],
  })
})

it('without a network file nothing counts as a fact', async () => {
  expect(await readLocal(made.text!, share({ network: null }), now)).toMatchObject({ status: 'unverified', codes: ['card.unverified'], entries: [], issuer: null, sequence: 2 })
})

it('a card that was made here is recognised through its prints, and what was recorded here stands beside it once', async () => {
  const first = await issueLocal({ id: 'c1', point: 'NE-AGZ', services: [meal] }, share(), now)
  expect(first).toMatchObject({ card: 'c1', sequence: 1, entries: 1, expires: '2027-07-01', dropped: 0, slip: false, superseded: [] })
  const next = await updateLocal({ id: 'c2', point: 'NE-AGZ', text: first.text, services: [{ code: 'hygiene_kit', quantity: 1, day: '2026-11-09' }] }, share(), now)
  expect(next).toMatchObject({ sequence: 2, entries: 2, tag: first.tag })
  expect(next.superseded).toHaveLength(1)
  const seen: string[] = []
  const here = (tag: string) => {
    seen.push(tag)
    return { person: 'p1', highest: 3, entries: [{ day: '2026-11-10', service: 'food.meal', quantity: 2 }, { day: '2026-11-10', service: 'water', quantity: 1 }] }
  }
  const read = await readLocal(next.text, share(), now, here)
  expect(seen).toEqual([first.tag])
  expect(read).toMatchObject({ status: 'warn', codes: ['card.newer_print_seen'], person: 'p1', here: [{ service: 'water' }] })
  const old = await readLocal(first.text, share({ marks: { ...share().marks, superseded: next.superseded[0]! } }), now)
  expect(old.codes).toEqual(['card.superseded'])
})

it('a slip holds one help and keeps the card', async () => {
  const card = await issueLocal({ id: 'c1', point: 'NE-AGZ', services: [meal] }, share(), now)
  const slip = await updateLocal({ id: 's1', point: 'NE-AGZ', text: card.text, slip: true, services: [meal] }, share(), now)
  expect(slip).toMatchObject({ slip: true, entries: 1, sequence: 2, tag: card.tag, superseded: [] })
  expect((await readLocal(slip.text, share(), now)).slip).toBe(true)
  expect((await refusal(updateLocal({ id: 's2', point: 'NE-AGZ', text: card.text, slip: true, services: [meal, meal] }, share(), now)))?.code).toBe('cards.slip_holds_one')
})

it('a small card keeps the newest and says how many it dropped', async () => {
  const services = Array.from({ length: 8 }, (_, i) => ({ code: 'food.meal', quantity: 1, day: `2026-11-0${i + 1}` }))
  const card = await issueLocal({ id: 'c1', point: 'NE-AGZ', size: 5, services }, share(), now)
  expect([card.entries, card.dropped]).toEqual([5, 3])
  expect((await readLocal(card.text, share(), now)).entries.map((e) => e.day)).toEqual(['2026-11-08', '2026-11-07', '2026-11-06', '2026-11-05', '2026-11-04'])
})

it('what may not stand on a card is refused with its place, all at once', async () => {
  const services = [{ code: 'protection_desk', quantity: 1 }, { code: 'mhpss', quantity: 1 }, { code: 'food.meal', quantity: 0 }, { code: 'food.meal', quantity: 1, day: '2026-11-13' }, { code: 'food.meal', quantity: 1, day: 'x' }]
  const err = await refusal(issueLocal({ id: 'c1', point: 'NE-AGZ', services }, share(), now))
  expect(err).toBeInstanceOf(Refusal)
  expect(err!.reasons).toEqual([
    { code: 'card.service_not_for_card', field: 'services.0.code' }, { code: 'card.service_not_for_card', field: 'services.1.code' },
    { code: 'card.entry_invalid', field: 'services.2.quantity' }, { code: 'card.entry_invalid', field: 'services.3.day' }, { code: 'card.entry_invalid', field: 'services.4.day' },
  ])
})

it('nothing is written at a point of another organisation, or at one that the network does not list', async () => {
  const at = (number: number) => share({ points: [{ number, id: 'x', code: 'X', name: 'X' }] })
  expect((await refusal(issueLocal({ id: 'c1', point: 'X', services: [meal] }, at(0x020001), now)))?.code).toBe('cards.point_of_another')
  expect((await refusal(issueLocal({ id: 'c1', point: 'X', services: [meal] }, at(9), now)))?.code).toBe('cards.point_not_listed')
  expect((await issueLocal({ id: 'c1', point: 'X' }, at(9), now)).entries).toBe(0)
})

it('a device that may not write cards says so, and so does one whose seal key has not come', async () => {
  expect(mayWrite(share(), now)).toEqual({ ok: true })
  expect(mayWrite(share({ signer: null }), now)).toEqual({ ok: false, code: 'card.signer_not_trusted' })
  expect(mayWrite(share({ network: null }), now)).toEqual({ ok: false, code: 'card.network_missing' })
  expect(mayWrite(share({ seals: [] }), now)).toEqual({ ok: false, code: 'card.seal_key_missing' })
  expect((await refusal(issueLocal({ id: 'c1', point: 'NE-AGZ' }, share({ signer: null }), now)))?.code).toBe('card.signer_not_trusted')
  await expect(updateLocal({ id: 'c1', point: 'NE-AGZ', text: 'hello' }, share(), now)).rejects.toBeInstanceOf(NotACard)
})
