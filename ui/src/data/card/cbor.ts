// RFC 8949, core deterministic encoding, and of that only what a card has: integers, strings, arrays, maps. One meaning,
// one byte string.

import type { Bytes } from '../bytes'
import { NotACard } from './refusal'

export interface Head {
  major: number
  /** n is a value or a length. Above 2^53 it is not exact, which no bound here comes near. */
  n: number
  next: number
}

/** head reads the head of an item and refuses every form but the shortest. */
export function head(data: Uint8Array, at: number): Head {
  const first = data[at]
  if (first === undefined) throw new NotACard()
  const major = first >> 5
  const info = first & 31
  if (info < 24) return { major, n: info, next: at + 1 }
  if (info > 27 || major === 7) throw new NotACard()
  const size = 1 << (info - 24)
  if (at + 1 + size > data.length) throw new NotACard()
  let n = 0
  for (let i = 1; i <= size; i++) n = n * 256 + data[at + i]!
  if (n < [24, 0x100, 0x10000, 0x100000000][info - 24]!) throw new NotACard()
  return { major, n, next: at + 1 + size }
}

/**
 * walk checks the item at `at` and returns where it ends: definite and shortest lengths, map keys unique and in order, no
 * tags, no floats, no more than `depth` containers inside each other. It keeps nothing, so that lengths that lie and nests
 * without end are refused before anybody believes them.
 */
export function walk(data: Uint8Array, at: number, depth: number): number {
  const { major, n, next } = head(data, at)
  const left = data.length - next
  switch (major) {
    case 0:
    case 1:
      return next
    case 2:
    case 3:
      if (n > left) throw new NotACard()
      if (major === 3) utf8(data.subarray(next, next + n))
      return next + n
    case 4:
    case 5: {
      if (depth === 0 || n > left) throw new NotACard()
      let end = next
      let last: Uint8Array | null = null
      for (let i = 0; i < n; i++) {
        const start = end
        end = walk(data, end, depth - 1)
        if (major === 4) continue
        const key = data.subarray(start, end)
        if (last && compare(last, key) >= 0) throw new NotACard()
        last = key
        end = walk(data, end, depth - 1)
      }
      return end
    }
    case 7:
      if (n === 20 || n === 21) return next
  }
  throw new NotACard()
}

/** canonical refuses what is not one deterministic item with nothing behind it. */
export function canonical(data: Uint8Array, depth: number): void {
  if (walk(data, 0, depth) !== data.length) throw new NotACard()
}

function utf8(bytes: Uint8Array): void {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new NotACard()
  }
}

export function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return a.length - b.length
}

export interface Item { major: number; n: number; bytes: Bytes; raw: Bytes }

/** items takes the container in data apart; data was walked before. Of a map keys and values follow each other. */
export function items(data: Bytes, major: 4 | 5): Item[] {
  const top = head(data, 0)
  if (top.major !== major) throw new NotACard()
  const out: Item[] = []
  let at = top.next
  while (at < data.length) {
    const h = head(data, at)
    const end = walk(data, at, 8)
    out.push({ major: h.major, n: h.n, bytes: h.major === 2 || h.major === 3 ? data.subarray(h.next, end) : data.subarray(0, 0), raw: data.subarray(at, end) })
    at = end
  }
  return out
}

/** uint and bytes write the only items a card is made of; what goes around them is written by hand. */
export function uint(n: number, major = 0): number[] {
  if (n < 24) return [(major << 5) | n]
  const size = n < 0x100 ? 1 : n < 0x10000 ? 2 : n < 0x100000000 ? 4 : 8
  const out = [(major << 5) | (24 + Math.log2(size))]
  for (let i = size - 1; i >= 0; i--) out.push(Math.floor(n / 2 ** (8 * i)) % 256)
  return out
}
export const bytes = (b: Uint8Array): number[] => [...uint(b.length, 2), ...b]
