// The vectors that the node's tests write: what both sides read and print alike.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CardShare } from '@/data/card'
import { dayNumber } from '@/data/card/day'
import type { Entry } from '@/data/card/entry'

export interface PlainEntry { service: number; quantity: number; day: string; point: number }
export interface Made {
  name: string; share: number; now: string; kind: 'issue' | 'update' | 'slip'; from?: string; no_file?: boolean; has_file?: boolean; highest?: number
  random: string; entries: PlainEntry[]; text?: string; dropped?: number; codes?: string[]; fields?: string[]
}
interface Vectors {
  shares: CardShare[]
  read: { name: string; share: number; now: string; text: string; want: Record<string, unknown> }[]
  hostile: { name: string; text: string; code: string }[]
  made: Made[]
  refused: Made[]
  expiry: { issued: string; days: number; expires: string }[]
  qr: { text: string; mask: number; rows: string[] }[]
}
export const folder = join(import.meta.dirname, '../../../../internal/card/testdata/')
export const vectors = JSON.parse(readFileSync(folder + 'vectors.json', 'utf8')) as Vectors
export const entriesOf = (list: PlainEntry[]): Entry[] => list.map((e) => ({ ...e, day: dayNumber(e.day) }))
/** from hands out fixed bytes in place of randomness. */
export function fixed(hex: string): (n: number) => Uint8Array<ArrayBuffer> {
  let at = 0
  const all = new Uint8Array(hex.match(/../g)!.map((x) => parseInt(x, 16)))
  return (n) => all.slice(at, (at += n))
}
