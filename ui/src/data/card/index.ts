// The assistance card without a node: text to history, and help to text. It is loaded when a card is first read, since it
// brings its own Ed25519, which older phones lack. docs/card.md has the bytes; vectors hold this and the node together.

import { fromBase64, toBase64 } from '../bytes'
import type { CardEntry, Day, ReadCard } from '../wire'
import { publicKey, verify } from './cose'
import { dayNumber, dayOf, dayText } from './day'
import { maxEntries, mostQuantity, type Entry } from './entry'
import { Press, type Printed } from './press'
import { markOf, readCard, type Line, type Reading } from './read'
import { NotACard, Refusal, type Refused } from './refusal'
import { keyed } from './seal'
import { known, type CardShare, type ShareIssuer } from './share'

export { qrSvgPath } from './qr'
export { NotACard, Refusal } from './refusal'
export type { CardShare } from './share'

/** Here is what this device recorded about the holder of a card. */
export interface Here {
  entries?: CardEntry[]
  person?: string
  /** highest is the highest sequence of the card that was read or printed on this device. */
  highest?: number
}
/**
 * tag is by what a device recognises the holder of a card again: it stays the same through every print. It follows one
 * person along the whole route, so it stays in the vault and never travels.
 */
export type LocalReading = ReadCard & { tag?: string }

/** readLocal answers what POST /api/cards/read answers, as far as a device can know it. */
export async function readLocal(text: string, share: CardShare, now: Date, here?: (tag: string) => Promise<Here | null> | Here | null): Promise<LocalReading> {
  let r: Reading
  try {
    r = await readCard(text.trim(), share, now)
  } catch (err) {
    if (!(err instanceof NotACard)) throw err
    return { status: 'not_a_card', codes: [err.code], entries: [], here: [], issuer: null, recorded_by: [], questions: [], history: 'withheld' }
  }
  const codes = [...r.warnings]
  const out: LocalReading = { status: 'unverified', codes, entries: [], here: [], issuer: null, recorded_by: [], questions: [], history: r.history, sequence: r.sequence, expires: dayText(r.expires) }
  if (r.state !== 'verified') return out
  out.issuer = r.issuer
  if (r.lineage) {
    const issuers = known(share).issuers
    out.issued = dayText(r.issued)
    out.slip = r.slip
    out.entries = r.lines.map((l) => entryOf(share, issuers, l))
    out.recorded_by = recorders(issuers, r.lines)
    const tag = await tagOf(share, r)
    if (tag) {
      out.tag = tag
      await addHere(out, await here?.(tag))
    }
  }
  out.status = codes.length > 0 ? 'warn' : 'ok'
  return out
}

/** tagOf needs the network's key, so that a tag tells nothing to who finds it beside a card. */
async function tagOf(share: CardShare, r: Reading): Promise<string> {
  if (!share.marks.key || !r.lineage) return ''
  return toBase64(await keyed(fromBase64(share.marks.key), 'serai device lineage/1', r.lineage))
}

function entryOf(share: CardShare, issuers: Map<number, ShareIssuer>, l: Line): CardEntry {
  const at = known(share).points.get(l.point)
  const by = l.vouched ? issuers.get(l.recordedBy) : undefined
  return { day: dayText(l.day), service: l.code || 'other', quantity: l.quantity, point: { number: l.point, ...(at ? { code: at.code, name: at.name } : {}) }, ...(by ? { recorded_by: by } : {}) }
}
function recorders(issuers: Map<number, ShareIssuer>, lines: Line[]): ShareIssuer[] {
  const numbers = new Set(lines.filter((l) => l.vouched).map((l) => l.recordedBy))
  return [...numbers].flatMap((n) => issuers.get(n) ?? [])
}

async function addHere(out: LocalReading, here: Here | null | undefined): Promise<void> {
  if (!here) return
  if (here.person) out.person = here.person
  if ((here.highest ?? 0) > (out.sequence ?? 0)) out.codes.push('card.newer_print_seen')
  // What was recorded here names its point where it was another one than this.
  const onCard = (e: CardEntry) => out.entries.some((c) => c.day === e.day && c.service === e.service && (e.point?.number === undefined || e.point.number === c.point?.number))
  out.here = (here.entries ?? []).filter((e) => !onCard(e)).sort((a, b) => (a.day < b.day ? 1 : a.day > b.day ? -1 : 0))
}

/** WriteCard is help that goes onto a card at a point. The id is made here, and is the card's from then on. */
export interface WriteCard {
  id: string
  /** point is its id or its code. */
  point: string
  services?: { code: string; quantity: number; day?: Day }[]
  /** hasFile says that the person has a file by now. */
  hasFile?: boolean
  /** highest is the highest sequence of this card known here. */
  highest?: number
}
/** LocalCard is a card that was printed on this device. */
export interface LocalCard {
  card: string
  text: string
  sequence: number
  /** entries is how many stand on it. */
  entries: number
  expires: Day
  dropped: number
  slip: boolean
  tag: string
  /** superseded are the marks of the prints that this one replaces: to be warned of on this device from now on. */
  superseded: string[]
}

/** mayWrite tells whether this device could print a card now; if not, why. */
export function mayWrite(share: CardShare, now: Date): { ok: true } | { ok: false; code: string } {
  try {
    const press = new Press(share, now)
    if (!known(share).current(press.share.own!.circle, now)) return { ok: false, code: 'card.seal_key_missing' }
    return { ok: true }
  } catch (err) {
    if (err instanceof Refusal) return { ok: false, code: err.code }
    throw err
  }
}

/** issueLocal prints a first card. It throws Refusal. */
export async function issueLocal(cmd: WriteCard & { size?: 5 | 10 | 20 }, share: CardShare, now: Date): Promise<LocalCard> {
  const press = new Press(share, now)
  const all = written(cmd, share, now)
  // The newest find room; whoever asks for a small card knows that it holds few.
  const kept = [...all].sort((a, b) => a.day - b.day).slice(Math.max(0, all.length - (cmd.size ?? maxEntries)))
  const p = await press.issue(kept, !cmd.hasFile)
  return made(cmd.id, share, { ...p, dropped: p.dropped + all.length - kept.length })
}

/** updateLocal writes on a card, or prints a slip with one service where the card cannot be printed or opened. It throws NotACard or Refusal. */
export async function updateLocal(cmd: WriteCard & { text: string; slip?: boolean }, share: CardShare, now: Date): Promise<LocalCard> {
  const from = await readCard(cmd.text.trim(), share, now)
  const press = new Press(share, now)
  const entries = written(cmd, share, now)
  if (!cmd.slip) return made(cmd.id, share, await press.update(from, entries, cmd.hasFile ?? false, cmd.highest))
  if (entries.length !== 1) throw new Refusal([{ code: 'cards.slip_holds_one', field: 'services' }])
  return made(cmd.id, share, await press.slip(from, entries[0]!, cmd.highest))
}

async function made(card: string, share: CardShare, p: Printed): Promise<LocalCard> {
  const marks = await Promise.all(p.replaces.map((cti) => markOf(share, cti)))
  const tag = share.marks.key ? toBase64(await keyed(fromBase64(share.marks.key), 'serai device lineage/1', p.lineage)) : ''
  return { card, text: p.text, sequence: p.sequence, entries: p.entries.length, expires: dayText(p.expires), dropped: p.dropped, slip: p.slip, tag, superseded: marks.flatMap((m) => (m ? [toBase64(m)] : [])) }
}

/** written turns services into entries; each that may not stand on a card is a reason, and all are told at once. */
function written(cmd: WriteCard, share: CardShare, now: Date): Entry[] {
  const k = known(share)
  const today = dayOf(now)
  const at = share.points.find((p) => p.id === cmd.point || p.code === cmd.point)
  const owner = at ? k.owner(at.number) : 0
  if (owner && owner !== share.own?.issuer) throw new Refusal([{ code: 'cards.point_of_another', field: 'point' }])
  if (!owner && cmd.services?.length) throw new Refusal([{ code: 'cards.point_not_listed', field: 'point' }])
  const bad: Refused[] = []
  const entries: Entry[] = []
  cmd.services?.forEach((s, i) => {
    const number = k.numbers.get(s.code)
    const day = s.day ? dayNumber(s.day) : today
    if (number === undefined || !k.writable(number)) bad.push({ code: 'card.service_not_for_card', field: `services.${i}.code` })
    if (!(s.quantity >= 1)) bad.push({ code: 'card.entry_invalid', field: `services.${i}.quantity` })
    // East of Greenwich the operating day may be ahead of UTC by one.
    if (!(day <= today + 1) || day < today - 2 * 366) bad.push({ code: 'card.entry_invalid', field: `services.${i}.day` })
    entries.push({ service: number ?? 0, quantity: Math.min(Math.max(Math.trunc(s.quantity), 1), mostQuantity), day: Math.min(day, today), point: at?.number ?? 0 })
  })
  if (bad.length > 0) throw new Refusal(bad)
  return entries
}

/** warm makes the tables that the first signature of a session would wait for. */
export function warm(): void {
  verify({ kid: new Uint8Array(4), protectedHeader: new Uint8Array(), payload: new Uint8Array(), signature: new Uint8Array(64).fill(1, 32, 33) }, publicKey(new Uint8Array(32)))
}
