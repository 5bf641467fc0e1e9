// The open part of a card: all that a stranger can read.

import { utf8, type Bytes } from '../bytes'
import { bytes, canonical, head, items, uint, type Item } from './cbor'
import { parseMessage, type Message } from './cose'
import { decode45 } from './base45'
import { lastDay, quarterOf, quarterStart, secondsPerDay } from './day'
import { NotACard } from './refusal'

export const prefix = 'AC1:'
/** maxText is the longest text that is looked at. A full card has 426 characters. */
const maxText = 700
const format = 1

export interface Claims {
  /** expires is the first day on which the card is expired: the start of a quarter. */
  expires: number
  cti: Bytes
  sequence: number
  seal: number
  sealed: Bytes
}

/** The keys of the claims: 4, 7 and -65537, which CBOR writes as the negative integer 65536. */
const labels: Record<'expires' | 'cti' | 'body', string> = { expires: '0 4', cti: '0 7', body: '1 65536' }

function parseClaims(payload: Bytes): Claims {
  canonical(payload, 2)
  const fields = items(payload, 5)
  const named = new Map<string, Item>(fields.flatMap((k, i) => (i % 2 === 0 ? [[`${k.major} ${k.n}`, fields[i + 1]!] as const] : [])))
  if ([...named.keys()].some((k) => !Object.values(labels).includes(k))) throw new NotACard()
  const expires = named.get(labels.expires)
  const cti = named.get(labels.cti)
  const body = named.get(labels.body)
  if (body && later(body.raw)) throw new NotACard('card.format_unknown')
  if (!expires || !cti || !body || body.major !== 4 || body.n !== 4) throw new NotACard()
  const [version, sequence, seal, sealed] = items(body.raw, 4)
  const small = (i: typeof version, most: number) => i!.major === 0 && i!.n <= most
  if (expires.major !== 0 || cti.major !== 2 || !small(version, 0xff) || !small(sequence, 0xffff) || !small(seal, 0xffff) || sealed!.major !== 2) throw new NotACard()
  const day = expires.n / secondsPerDay
  if (!Number.isInteger(day) || day > lastDay || quarterStart(quarterOf(day)) !== day) throw new NotACard()
  if (cti.bytes.length !== 16 || version!.n !== format || sequence!.n === 0) throw new NotACard()
  return { expires: day, cti: cti.bytes, sequence: sequence!.n, seal: seal!.n, sealed: sealed!.bytes }
}

/** later says whether the private claim starts with the format number of a later program. */
function later(body: Bytes): boolean {
  const top = head(body, 0)
  if (top.major !== 4 || top.n === 0) return false
  const first = head(body, top.next)
  return first.major === 0 && first.n > format
}

/** open takes a text apart without believing it. */
export function open(text: string): { message: Message; claims: Claims } {
  if (text.length > maxText || utf8(text).length > maxText) throw new NotACard('card.too_long')
  if (!text.startsWith(prefix)) throw new NotACard()
  const message = parseMessage(decode45(text.slice(prefix.length)))
  return { message, claims: parseClaims(message.payload) }
}

export function packClaims(c: Claims): Bytes {
  return new Uint8Array([0xa3, 0x04, ...uint(c.expires * secondsPerDay), 0x07, ...bytes(c.cti), ...uint(65536, 1), 0x84, ...uint(format), ...uint(c.sequence), ...uint(c.seal), ...bytes(c.sealed)])
}

/** bound is what the sealed bytes are tied to: lifted into another card, under another signature, they do not open. */
export function bound(kid: Bytes, c: Claims): Bytes {
  const out = new Uint8Array(12 + 4 + 16 + 8 + 2 + 2)
  out.set(utf8('serai card/1'))
  out.set(kid, 12)
  out.set(c.cti, 16)
  const view = new DataView(out.buffer)
  view.setBigUint64(32, BigInt(c.expires * secondsPerDay))
  view.setUint16(40, c.sequence)
  view.setUint16(42, c.seal)
  return out
}
