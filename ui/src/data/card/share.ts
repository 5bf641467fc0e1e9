// What a device keeps so that it reads cards while its node is out of reach: the answer of GET /api/cards/share. It holds
// seal keys: it belongs into the encrypted vault, and nowhere else.

import { fromBase64, type Bytes } from '../bytes'
import { dayNumber, dayOf, quarterEnd, quarterOf } from './day'
import { maxValidity, otherService } from './entry'

export interface ShareIssuer { number: number; code: string; name: string }
export interface SharePoint { number: number; id: string; code: string; name: string }
export interface ShareNotice { id: number; circle: number; quarter: number }
export interface CardShare {
  /** at is when the node made it. */
  at?: string
  network: { name: string; serial: number; issued: string; demo: boolean } | null
  issuers: ShareIssuer[]
  keys: { id: string; issuer: number; public: string; from: string; until: string; roles: string[]; status: 'active' | 'revoked' }[]
  blocks: { issuer: number; first: number; last: number }[]
  services: { number: number; code: string; unit?: string; card_safe: boolean }[]
  announced: ShareNotice[]
  seals: (ShareNotice & { key: string })[]
  marks: { key: string; superseded: string; revoked: string; left_out: number }
  points: SharePoint[]
  own: { issuer: number; circle: number; days: number; points: number[] } | null
  signer: { id: string; seed: string } | null
}

export interface TrustedKey { id: string; issuer: number; key: Bytes; from: number; until: number; card: boolean; active: boolean }
export interface SealKey extends ShareNotice { key: Bytes }
export type History = 'open' | 'older_key' | 'newer_key' | 'other_circle' | 'withheld'

/** Seal keys are kept for so many days after their quarter. */
const keptDays = 180
const networkOld = 92 * 86_400_000
const keptUntil = (quarter: number): number => quarterEnd(quarter) + keptDays

/** Known is a share made ready for questions. It is never changed. */
export class Known {
  readonly issuers: Map<number, ShareIssuer>
  readonly keys: Map<string, TrustedKey>
  readonly services: Map<number, { code: string; safe: boolean }>
  readonly numbers: Map<string, number>
  readonly seals: Map<number, SealKey>
  readonly announced: Map<number, ShareNotice>
  readonly points: Map<number, SharePoint>
  readonly superseded: Bytes
  readonly revoked: Bytes

  constructor(readonly share: CardShare) {
    this.issuers = new Map(share.issuers.map((i) => [i.number, i]))
    this.keys = new Map(share.keys.map((k) => [k.id, { id: k.id, issuer: k.issuer, key: fromBase64(k.public), from: dayNumber(k.from), until: dayNumber(k.until), card: k.roles.includes('card'), active: k.status === 'active' }]))
    this.services = new Map(share.services.map((s) => [s.number, { code: s.code, safe: s.card_safe }]))
    this.numbers = new Map(share.services.map((s) => [s.code, s.number]))
    this.seals = new Map(share.seals.map((s) => [s.id, { id: s.id, circle: s.circle, quarter: s.quarter, key: fromBase64(s.key) }]))
    this.announced = new Map(share.announced.map((s) => [s.id, s]))
    this.points = new Map(share.points.map((p) => [p.number, p]))
    this.superseded = fromBase64(share.marks.superseded)
    this.revoked = fromBase64(share.marks.revoked)
  }

  /** old: the network file has an age at which one should ask for the next. It stops nothing. */
  old(now: Date): boolean {
    return this.share.network !== null && now.getTime() - Date.parse(this.share.network.issued) > networkOld
  }

  /** owner is the organisation whose block holds the point, 0 for none. */
  owner(point: number): number {
    return this.share.blocks.find((b) => b.first <= point && point <= b.last)?.issuer ?? 0
  }

  /** writable: what has no line in the network file is unsafe. */
  writable(service: number): boolean {
    return service === otherService || (this.services.get(service)?.safe ?? false)
  }

  /** find looks a seal key up; without one it says why the history stays closed. */
  find(id: number, expires: number, now: Date): { key: SealKey | null; history: History } {
    const today = dayOf(now)
    const closed = (history: History) => ({ key: null, history })
    const key = this.seals.get(id)
    if (key) return keptUntil(key.quarter) <= today ? closed('older_key') : { key, history: 'open' }
    const notice = this.announced.get(id)
    // New ids reach a device late, old ones it once knew; only a card long past its expiry can predate the lists.
    if (!notice) return closed(keptUntil(quarterOf(expires)) <= today ? 'older_key' : 'newer_key')
    if (keptUntil(notice.quarter) <= today) return closed('older_key')
    const ours = [...this.seals.values()].filter((k) => k.circle === notice.circle)
    if (ours.length === 0 && this.seals.size > 0) return closed('other_circle')
    return closed(ours.some((k) => k.quarter <= notice.quarter) || ours.length === 0 ? 'newer_key' : 'older_key')
  }

  /** current is the key to seal with now. */
  current(circle: number, now: Date): SealKey | null {
    const quarter = quarterOf(dayOf(now))
    return [...this.seals.values()].filter((k) => k.circle === circle && k.quarter === quarter).sort((a, b) => a.id - b.id)[0] ?? null
  }
}

/** couldSign tells of a closed card whether its key was valid on any day on which it can have been issued. */
export function couldSign(key: TrustedKey, expires: number, now: Date, drift: number): boolean {
  const first = Math.max(expires, maxValidity) - maxValidity
  const last = Math.min(expires, dayOf(now.getTime() + drift))
  return last >= key.from && key.until > first
}

const ready = new WeakMap<CardShare, Known>()
/** known makes a share ready once, however many cards are read with it. */
export function known(share: CardShare): Known {
  let k = ready.get(share)
  if (!k) ready.set(share, (k = new Known(share)))
  return k
}
