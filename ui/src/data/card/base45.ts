// RFC 9285: the characters of a QR code's alphanumeric mode.

import type { Bytes } from '../bytes'
import { NotACard } from './refusal'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
const values = new Map([...alphabet].map((c, i) => [c, i]))

export function encode45(data: Uint8Array): string {
  let out = ''
  for (let i = 0; i < data.length; i += 2) {
    const two = i + 1 < data.length
    const n = two ? data[i]! * 256 + data[i + 1]! : data[i]!
    out += alphabet[n % 45]! + alphabet[Math.floor(n / 45) % 45]!
    if (two) out += alphabet[Math.floor(n / 2025)]!
  }
  return out
}

/** decode45 is strict: one text for one message. */
export function decode45(text: string): Bytes {
  if (text.length % 3 === 1) throw new NotACard()
  const out = new Uint8Array(Math.floor(text.length / 3) * 2 + (text.length % 3 === 2 ? 1 : 0))
  let at = 0
  for (let i = 0; i < text.length; i += 3) {
    const size = Math.min(3, text.length - i)
    let n = 0
    for (let j = size - 1; j >= 0; j--) {
      const v = values.get(text[i + j]!)
      if (v === undefined) throw new NotACard()
      n = n * 45 + v
    }
    if (n > (size === 3 ? 0xffff : 0xff)) throw new NotACard()
    if (size === 3) out[at++] = n >> 8
    out[at++] = n & 0xff
  }
  return out
}
