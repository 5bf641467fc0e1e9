// One support received, as it stands on a card, and what stands inside the seal.

import type { Bytes } from '../bytes'
import { NotACard } from './refusal'

export interface Entry {
  /** service is a card number of the catalogue; 1 is "other help". */
  service: number
  /** quantity is 1 to 63; more is written as 63. */
  quantity: number
  /** day counts from 1970, UTC. */
  day: number
  /** point is a number out of a block of the organisation that served. */
  point: number
}

export const otherService = 1
export const maxEntries = 20
export const mostQuantity = 63
const entrySize = 7
const headSize = 11
const paddings = [5, 10, maxEntries]
const maxIssuer = 0xfff
export const maxValidity = 0x3ff

export const padded = (n: number): number => paddings.find((p) => n <= p) ?? maxEntries

export interface Contents {
  issuer: number
  issued: number
  lineage: Bytes
  /** slip: one entry, to be merged at the next print. */
  slip: boolean
  noFile: boolean
  /** entries stand oldest first. */
  entries: Entry[]
}

/** packContents writes the form that contents.append of the node's room writes; the two are held together by vectors. */
export function packContents(c: Contents, expires: number): Bytes {
  const out = new Uint8Array(headSize + padded(c.entries.length) * entrySize)
  out.set(c.lineage, 0)
  const days = expires - c.issued
  out[8] = (c.slip ? 0x80 : 0) | (c.noFile ? 0x40 : 0) | (days >> 4)
  out[9] = ((days & 0x0f) << 4) | (c.issuer >> 8)
  out[10] = c.issuer & 0xff
  c.entries.forEach((e, i) => {
    const q = Math.min(e.quantity, mostQuantity)
    out.set([e.service >> 2, ((e.service & 3) << 6) | q, e.day >> 8, e.day & 0xff, e.point >> 16, (e.point >> 8) & 0xff, e.point & 0xff], headSize + i * entrySize)
  })
  return out
}

/** unpackContents is as strict about the inside of a seal as about its outside. */
export function unpackContents(b: Bytes, expires: number): Contents {
  const slots = (b.length - headSize) / entrySize
  if (b.length < headSize || !paddings.includes(slots)) throw new NotACard()
  const days = ((b[8]! & 0x3f) << 4) | (b[9]! >> 4)
  const c: Contents = { issuer: ((b[9]! & 0x0f) << 8) | b[10]!, issued: expires - days, lineage: b.slice(0, 8), slip: (b[8]! & 0x80) !== 0, noFile: (b[8]! & 0x40) !== 0, entries: [] }
  if (days === 0 || days > expires || c.issuer === 0 || c.issuer > maxIssuer) throw new NotACard()
  for (let at = headSize; at < b.length; at += entrySize) {
    const raw = b.subarray(at, at + entrySize)
    if (raw.every((x) => x === 0)) {
      if (b.subarray(at).some((x) => x !== 0)) throw new NotACard()
      break
    }
    const e: Entry = { service: (raw[0]! << 2) | (raw[1]! >> 6), quantity: raw[1]! & mostQuantity, day: (raw[2]! << 8) | raw[3]!, point: (raw[4]! << 16) | (raw[5]! << 8) | raw[6]! }
    if (e.service === 0 || e.quantity === 0) throw new NotACard()
    c.entries.push(e)
  }
  if (padded(c.entries.length) !== slots || (c.slip && c.entries.length !== 1)) throw new NotACard()
  return c
}

const older = (a: Entry, b: Entry): number => a.day - b.day || a.point - b.point || a.service - b.service || a.quantity - b.quantity

/** Gather collects entries by occasion: service, day, point. */
export class Gather {
  readonly #all = new Map<string, Entry>()
  #take(e: Entry, join: (have: number, more: number) => number): void {
    const key = `${e.service} ${e.day} ${e.point}`
    const have = this.#all.get(key)?.quantity ?? 0
    this.#all.set(key, { ...e, quantity: join(have, e.quantity) })
  }
  /** add counts further help on the same occasion: a second meal makes two. */
  add(e: Entry): void {
    this.#take(e, (have, more) => Math.min(have + more, mostQuantity))
  }
  /** merge keeps the larger quantity: missing a repeat is kinder than inventing one. */
  merge(e: Entry): void {
    this.#take(e, Math.max)
  }
  /** newest are the entries that find room, oldest first, and how many did not. */
  newest(): { entries: Entry[]; dropped: number } {
    const all = [...this.#all.values()].sort(older)
    const dropped = Math.max(0, all.length - maxEntries)
    return { entries: all.slice(dropped), dropped }
  }
}
