import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decode45, encode45 } from '@/data/card/base45'
import { open } from '@/data/card/claims'
import { dayNumber, dayText, expiryAfter } from '@/data/card/day'
import { Press, type Printed } from '@/data/card/press'
import { draw } from '@/data/card/qr'
import { hex, readCard } from '@/data/card/read'
import { NotACard, Refusal } from '@/data/card/refusal'
import type { CardShare } from '@/data/card/share'
import { entriesOf, fixed, folder, vectors, type Made } from './vectors'

async function plain(text: string, share: CardShare, now: string) {
  const r = await readCard(text, share, new Date(now))
  return {
    state: r.state, history: r.history, warnings: [...r.warnings].sort(), cti: hex(r.cti), sequence: r.sequence, expires: dayText(r.expires), issuer: r.issuer?.number ?? 0,
    issued: r.lineage ? dayText(r.issued) : '', lineage: r.lineage ? hex(r.lineage) : '', slip: r.slip, no_file: r.noFile,
    lines: r.lines.map((l) => ({ service: l.service, quantity: l.quantity, day: dayText(l.day), point: l.point, code: l.code, recorded_by: l.recordedBy, vouched: l.vouched })),
  }
}
async function print(m: Made): Promise<Printed> {
  const share = vectors.shares[m.share]!
  const press = new Press(share, new Date(m.now), fixed(m.random))
  const from = m.from ? await readCard(m.from, share, new Date(m.now)) : null
  if (m.kind === 'issue') return press.issue(entriesOf(m.entries), m.no_file ?? false)
  if (m.kind === 'slip') return press.slip(from, entriesOf(m.entries)[0]!, m.highest)
  return press.update(from!, entriesOf(m.entries), m.has_file ?? false, m.highest)
}

describe('a card is read as the node reads it', () => {
  for (const v of vectors.read) {
    it(v.name, async () => {
      expect(await plain(v.text, vectors.shares[v.share]!, v.now)).toEqual(v.want)
    })
  }
})

describe('what is no card is refused under the code of the node', () => {
  for (const v of vectors.hostile) {
    it(v.name, async () => {
      const refused = await readCard(v.text, vectors.shares[0]!, new Date(vectors.read[0]!.now)).then(() => null, (err: unknown) => err)
      expect(refused).toBeInstanceOf(NotACard)
      expect((refused as NotACard).code).toBe(v.code)
    })
  }
})

describe('the same help and the same randomness give the same text', () => {
  for (const m of vectors.made) {
    it(m.name, async () => {
      const p = await print(m)
      expect(p.text).toBe(m.text)
      expect(p.dropped).toBe(m.dropped ?? 0)
    })
  }
})

describe('what must not be written is refused under the codes of the node', () => {
  for (const m of vectors.refused) {
    it(m.name, async () => {
      const refused = await print(m).then(() => null, (err: unknown) => err)
      expect(refused).toBeInstanceOf(Refusal)
      expect((refused as Refusal).reasons.map((r) => [r.code, r.field ?? ''])).toEqual(m.codes!.map((c, i) => [c, m.fields![i]]))
    })
  }
})

it('the expiry moves to a quarter, so that it does not betray the day of issue', () => {
  for (const v of vectors.expiry) expect(dayText(expiryAfter(dayNumber(v.issued), v.days))).toBe(v.expires)
})

it('the code is drawn module for module as the node draws it', () => {
  for (const v of vectors.qr) {
    const code = draw(v.text)
    expect([code.mask, code.size]).toEqual([v.mask, v.rows.length])
    v.rows.forEach((row, y) => {
      const bits = [...row].map((c) => parseInt(c, 16).toString(2).padStart(4, '0')).join('').slice(0, code.size)
      expect(Array.from({ length: code.size }, (_, x) => (code.black(x, y) ? '1' : '0')).join('')).toBe(bits)
    })
  }
})

// The node's own test flips every bit; here it is one of each byte, since a signature in this language takes longer.
it('a flipped bit in any byte is noticed', { timeout: 60_000 }, async () => {
  const v = vectors.read[1]!
  const share = vectors.shares[v.share]!
  const data = decode45(v.text.slice(4))
  let refused = 0
  let unverified = 0
  for (let i = 0; i < data.length; i++) {
    const bad = data.slice()
    bad[i]! ^= 1 << (i & 7)
    try {
      const r = await readCard('AC1:' + encode45(bad), share, new Date(v.now))
      expect(r.state).toBe('unverified')
      expect(r.lines).toEqual([])
      unverified++
    } catch (err) {
      expect(err).toBeInstanceOf(NotACard)
      refused++
    }
  }
  expect(refused + unverified).toBe(data.length)
})

it('every text of random bytes is refused or unverified, and nothing else is thrown', async () => {
  const v = vectors.read[0]!
  const share = vectors.shares[v.share]!
  const seed = decode45(v.text.slice(4))
  let n = 1
  const rnd = (most: number) => (n = (n * 48271) % 2147483647) % most
  for (let i = 0; i < 3000; i++) {
    const bad = rnd(3) === 0 ? new Uint8Array(rnd(300)).map(() => rnd(256)) : seed.slice(0, seed.length - rnd(3) * rnd(40))
    for (let j = rnd(6); j >= 0; j--) if (bad.length) bad[rnd(bad.length)] = rnd(256)
    try {
      const { claims } = open('AC1:' + encode45(bad))
      expect(claims.cti.length).toBe(16)
    } catch (err) {
      expect(err).toBeInstanceOf(NotACard)
    }
  }
  expect(share.keys.length).toBeGreaterThan(0)
})

it('ten megabytes are refused before anything is read of them', async () => {
  const started = performance.now()
  await expect(readCard('AC1:' + '0'.repeat(10 << 20), vectors.shares[0]!, new Date())).rejects.toThrow('card.too_long')
  expect(performance.now() - started).toBeLessThan(100)
})

// What is printed here is read, and printed again, by the node's tests (TestTheBrowsersCards).
it('the cards printed here are those that the node has verified', async () => {
  const base = vectors.made[0]!
  const meals = vectors.made.find((m) => m.name === 'the oldest of twenty-three are dropped')!
  const update = vectors.made.find((m) => m.name === "an update of another organisation's card")!
  const day = dayText(dayNumber(base.now.slice(0, 10)) - 3)
  const given = (n: number) => meals.entries.slice(0, n)
  const call = { service: 12, quantity: 2, day, point: meals.entries[0]!.point }
  const random = (n: number) => hex(new Uint8Array(24).map((_, i) => (n * 31 + i * 13) & 255))
  const wanted: Made[] = [
    ...[0, 1, 5, 6, 10, 11, 20, 23].map((n): Made => ({ name: `${n} entries`, kind: 'issue', no_file: n % 2 === 0, entries: given(n), share: base.share, now: base.now, random: '' })),
    { name: 'the same help twice', kind: 'issue', entries: [call, call], share: base.share, now: base.now, random: '' },
    { name: 'an update of another card', kind: 'update', from: update.from!, entries: [call], share: base.share, now: base.now, random: '' },
    { name: 'an update of somebody with a file', kind: 'update', from: update.from!, has_file: true, highest: 41, entries: [call], share: base.share, now: base.now, random: '' },
    { name: 'a slip of a card', kind: 'slip', from: update.from!, entries: [call], share: base.share, now: base.now, random: '' },
    { name: 'a slip for nobody known', kind: 'slip', entries: [call], share: base.share, now: base.now, random: '' },
  ]
  const made: Made[] = []
  for (const [i, w] of wanted.entries()) {
    const m = { ...w, share: 0, random: random(i) }
    const p = await print({ ...m, share: w.share })
    made.push({ ...m, text: p.text, ...(p.dropped ? { dropped: p.dropped } : {}) })
  }
  const path = folder + 'browser.json'
  const now = JSON.stringify(made, null, 1) + '\n'
  if (process.env.WRITE_VECTORS) writeFileSync(path, now)
  expect(readFileSync(path, 'utf8')).toBe(now)
})
