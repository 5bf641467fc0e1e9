import { call } from './client'
import type { Hub } from './wire'

/** hub tells how devices reach this node: its certificate, and the fingerprint that people compare. */
export const hub = () => call<Hub>('GET', '/api/hub')

/** A clock that is off by less says nothing: the answer travels, and somebody set it by hand. */
const clockNoise = 10 * 60_000
const days = 86_400_000

/** Trouble is something about the way to the hub that somebody must see to. */
export type Trouble =
  | { kind: 'rival'; name: string; address: string; last: string }
  | { kind: 'clocks'; node: string; device: string }
  | { kind: 'clock' }
  | { kind: 'waiting' }
  | { kind: 'ended' | 'ends' | 'authority'; on: string }

/** troubles lists what is wrong, gravest first; device is what this device believes the time to be. */
export function troubles(h: Hub, device: number): Trouble[] {
  const out: Trouble[] = (h.rivals ?? []).map((r) => ({ kind: 'rival' as const, ...r }))
  const now = Date.parse(h.now)
  const at = (value?: string) => (value ? Date.parse(value) : NaN)
  if (Math.abs(now - device) > clockNoise) out.push({ kind: 'clocks', node: h.now, device: new Date(device).toISOString() })
  if (h.kind === 'none') return out
  if (!h.until) out.push({ kind: 'waiting' })
  else if (now < at(h.from)) out.push({ kind: 'clock' })
  else if (now > at(h.until)) out.push({ kind: 'ended', on: h.until })
  else if (now > at(h.until) - 14 * days) out.push({ kind: 'ends', on: h.until })
  if (h.ends && now > at(h.ends) - 365 * days) out.push({ kind: 'authority', on: h.ends })
  return out
}

/** addressOf is what somebody types to reach the desk under a name of the hub; at is where this page was opened. */
export function addressOf(name: string, at: Pick<Location, 'protocol' | 'port'>): string {
  const host = name.includes(':') ? `[${name}]` : name
  return `https://${host}${at.protocol === 'https:' && at.port ? ':' + at.port : ''}`
}
