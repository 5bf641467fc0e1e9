// Reading a card without a node. Whatever is wrong with paper is a warning: a doubt is no reason to send a person away.

import { fromBase64, type Bytes } from '../bytes'
import { bound, open, type Claims } from './claims'
import { verify } from './cose'
import { timeOf } from './day'
import { otherService, unpackContents, type Contents, type Entry } from './entry'
import { keyed, listed, unseal } from './seal'
import { couldSign, known, type CardShare, type History, type Known, type ShareIssuer, type TrustedKey } from './share'

/** Clocks may differ by so much before a card counts as issued in the future. */
const drift = 48 * 3_600_000

export interface Line extends Entry {
  /** code is empty for "other service". */
  code: string
  /** recordedBy is the issuer whose block holds the point, 0 for none. */
  recordedBy: number
  /** vouched: recorded by another organisation than the one that signed. */
  vouched: boolean
}
/** Reading is what a card says, and how far to believe it. Of an unverified card only cti, sequence and expires are set. */
export interface Reading {
  state: 'verified' | 'unverified'
  history: History
  warnings: string[]
  cti: Bytes
  sequence: number
  expires: number
  issuer: ShareIssuer | null
  circle: number
  issued: number
  lineage: Bytes | null
  slip: boolean
  noFile: boolean
  /** lines stand newest first. */
  lines: Line[]
}

const closedBy: Partial<Record<History, string>> = { older_key: 'card.seal_key_older', newer_key: 'card.seal_key_newer', other_circle: 'card.seal_other_circle' }

/** readCard throws NotACard; everything else is a reading. */
export async function readCard(text: string, share: CardShare, now: Date): Promise<Reading> {
  const { message, claims } = open(text)
  const k = known(share)
  const warnings = new Set<string>()
  const bare = (...why: string[]): Reading => {
    for (const w of ['card.unverified', ...why]) warnings.add(w)
    return { state: 'unverified', history: 'withheld', warnings: [...warnings], cti: claims.cti, sequence: claims.sequence, expires: claims.expires, issuer: null, circle: 0, issued: 0, lineage: null, slip: false, noFile: false, lines: [] }
  }
  if (!share.network) return bare()
  if (k.old(now)) warnings.add('card.network_file_old')
  const key = k.keys.get(hex(message.kid))
  if (!key || !verify(message, key.key)) return bare()
  if (!key.active || !key.card) return bare('card.signing_key_invalid')
  if (now.getTime() >= timeOf(claims.expires)) warnings.add('card.expired')
  for (const w of await marked(k, claims.cti)) warnings.add(w)
  return unsealed(k, key, message.kid, claims, now, warnings, bare)
}

async function unsealed(k: Known, key: TrustedKey, kid: Bytes, claims: Claims, now: Date, warnings: Set<string>, distrust: (...why: string[]) => Reading): Promise<Reading> {
  const { key: seal, history } = k.find(claims.seal, claims.expires, now)
  const issuer = k.issuers.get(key.issuer) ?? null
  const common = { state: 'verified' as const, history, cti: claims.cti, sequence: claims.sequence, expires: claims.expires, issuer }
  if (!seal) {
    if (!couldSign(key, claims.expires, now, drift)) return distrust('card.signing_key_invalid')
    warnings.add(closedBy[history]!)
    return { ...common, warnings: [...warnings], circle: 0, issued: 0, lineage: null, slip: false, noFile: false, lines: [] }
  }
  const plain = await unseal(seal.key, claims.cti, bound(kid, claims), claims.sealed)
  const c = plain && contents(plain, claims.expires)
  if (!c) return distrust('card.seal_broken')
  if (c.issuer !== key.issuer) return distrust()
  if (c.issued < key.from || c.issued >= key.until) return distrust('card.signing_key_invalid')
  if (timeOf(c.issued) > now.getTime() + drift) warnings.add('card.issued_in_future')
  const lines = linesOf(k, c, warnings)
  return { ...common, warnings: [...warnings], circle: seal.circle, issued: c.issued, lineage: c.lineage, slip: c.slip, noFile: c.noFile, lines }
}

function contents(plain: Bytes, expires: number): Contents | null {
  try {
    return unpackContents(plain, expires)
  } catch {
    return null
  }
}

function linesOf(k: Known, c: Contents, warnings: Set<string>): Line[] {
  return [...c.entries].reverse().map((e) => {
    const service = k.services.get(e.service)
    const recordedBy = k.owner(e.point)
    if (!service?.safe && e.service !== otherService) warnings.add('card.service_unknown')
    if (!recordedBy) warnings.add('card.point_unknown')
    if (e.day > c.issued) warnings.add('card.entry_after_issue')
    return { ...e, code: service?.safe ? service.code : '', recordedBy, vouched: recordedBy !== 0 && recordedBy !== c.issuer }
  })
}

/** markOf names a print in lists. Without the network's key there are no lists. */
export async function markOf(share: CardShare, cti: Bytes): Promise<Bytes | null> {
  return share.marks.key ? keyed(fromBase64(share.marks.key), 'serai mark/1', cti) : null
}

async function marked(k: Known, cti: Bytes): Promise<string[]> {
  const mark = await markOf(k.share, cti)
  if (!mark) return []
  return [...(listed(k.superseded, mark) ? ['card.superseded'] : []), ...(listed(k.revoked, mark) ? ['card.revoked'] : [])]
}

export const hex = (b: Uint8Array): string => Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('')
export const unhex = (text: string): Bytes => new Uint8Array((text.match(/../g) ?? []).map((x) => parseInt(x, 16)))
