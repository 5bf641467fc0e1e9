// Cards without the node: read with the trust list and seal keys that this device was handed, written where a lead has
// allowed this device to sign. The codec loads when the first card is read.

import { call, Problem } from '../client'
import { now } from '../clock'
import { record } from '../outbox'
import * as vault from '../vault'
import type { Card, CardEntry, IssueCard, ReadCard, UpdateCard } from '../wire'
import type { CardShare, Here, LocalCard } from '../card'
import { rowsOf } from './share'

/** The share is fetched again when it is older than this; a card says by itself when the keys here are too old for it. */
const fresh = 6 * 3_600_000

let held: { point: string; share: CardShare } | null = null
/** tags tells cards that were read here by the text that was read, so that what was recorded for a card finds it again. */
let tags: Record<string, { tag: string; sequence: number; person?: string }> | null = null

const codec = () => import('../card')

/** refreshCards fetches what reading cards needs at a point, when it is here no longer or grows old. */
export async function refreshCards(point: string): Promise<void> {
  const share = await shareOf(point)
  if (share?.at && Date.now() - Date.parse(share.at) < fresh) return
  const next = await call<CardShare>('GET', '/api/cards/share', { query: { point }, timeout: 30_000, quiet: true })
  await vault.put(`cards/${point}`, next)
  held = { point, share: next }
}
async function shareOf(point: string): Promise<CardShare | undefined> {
  if (held?.point === point) return held.share
  const share = await vault.get<CardShare>(`cards/${point}`)
  if (share) held = { point, share }
  return share
}
export function forgetCards(): void {
  held = null
  tags = null
}
async function known(): Promise<NonNullable<typeof tags>> {
  tags ??= (await vault.get<NonNullable<typeof tags>>('tags')) ?? {}
  return tags
}

/** readHere reads a card with what is here; undefined when this device was handed nothing for it. */
export async function readHere(text: string, point: string): Promise<ReadCard | undefined> {
  const share = await shareOf(point)
  if (!share) return undefined
  const { readLocal } = await codec()
  const seen = await known()
  const read = await readLocal(text, share, new Date(now()), (tag) => hereOf(tag, seen))
  if (read.tag && read.status !== 'not_a_card') {
    const before = seen[text]
    seen[text] = { tag: read.tag, sequence: Math.max(read.sequence ?? 0, before?.sequence ?? 0), ...(read.person ? { person: read.person } : {}) }
    void vault.put('tags', seen).catch(() => {})
  }
  const { tag: _, ...answer } = read
  return answer
}
/** hereOf is what was recorded on this device for whoever carries a card with this tag. */
function hereOf(tag: string, seen: NonNullable<typeof tags>): Here | null {
  const same = Object.entries(seen).filter(([, t]) => t.tag === tag)
  if (same.length === 0) return null
  const texts = new Set(same.map(([text]) => text))
  const entries: CardEntry[] = rowsOf((r) => r.card !== undefined && texts.has(r.card) && r.state !== 'undone').flatMap((r) => r.services.map((s) => ({ day: r.day, service: s.code, quantity: s.quantity })))
  const person = same.find(([, t]) => t.person)?.[1].person
  return { entries, highest: Math.max(...same.map(([, t]) => t.sequence)), ...(person ? { person } : {}) }
}

async function toWrite(point: string): Promise<CardShare> {
  const share = await shareOf(point)
  if (!share) throw new Problem('desk.card_needs_node', 0)
  const may = (await codec()).mayWrite(share, new Date(now()))
  if (!may.ok) throw new Problem(may.code === 'card.seal_key_missing' ? may.code : 'desk.card_needs_node', 0)
  return share
}
const refusals = async <T>(make: () => Promise<T>): Promise<T> => {
  try {
    return await make()
  } catch (err) {
    const { Refusal, NotACard } = await codec()
    if (err instanceof Refusal || err instanceof NotACard) throw new Problem(err.code, 422)
    throw err
  }
}

/** issueHere prints a first card on this device, and keeps its record for the node. */
export async function issueHere(cmd: IssueCard): Promise<Card> {
  if (cmd.blank_serial) {
    await record({ method: 'POST', path: '/api/cards', body: cmd, subject: 'row', label: 'outbox.card', key: cmd.id }).saved
    return { ...nothing, card: cmd.id, serial: cmd.blank_serial, expires: '' }
  }
  const share = await toWrite(cmd.point)
  const given = rowsOf((r) => cmd.contacts?.includes(r.contact) ?? false).flatMap((r) => r.services.map((s) => ({ ...s, day: r.day })))
  const services = [...given, ...(cmd.services ?? [])].filter((s) => share.services.some((known) => known.code === s.code && known.card_safe))
  const made = await refusals(async () => (await codec()).issueLocal({ id: cmd.id, point: cmd.point, services, hasFile: Boolean(cmd.person), ...(cmd.size ? { size: cmd.size } : {}) }, share, new Date(now())))
  return keep(made, { point: cmd.point, language: cmd.language, ...(cmd.person ? { person: cmd.person } : {}), ...(cmd.lineage_handle ? { lineage_handle: cmd.lineage_handle } : {}), ...(cmd.basis ? { basis: cmd.basis } : {}) })
}
/** updateHere writes on a card on this device, or prints a slip. */
export async function updateHere(cmd: UpdateCard): Promise<Card> {
  const share = await toWrite(cmd.point)
  const seen = (await known())[cmd.text]
  const made = await refusals(async () => (await codec()).updateLocal({ id: cmd.id, point: cmd.point, services: cmd.services, text: cmd.text, slip: cmd.slip, hasFile: Boolean(seen?.person), highest: seen?.sequence }, share, new Date(now())))
  return keep(made, { point: cmd.point, replaces: cmd.text, ...(cmd.language ? { language: cmd.language } : {}) })
}

const nothing: Omit<Card, 'card' | 'expires'> = { text: '', svg_url: '', png_url: '', pdf_url: '', print_url: '', entries: 0, sequence: 0 }

async function keep(made: LocalCard, about: object): Promise<Card> {
  // On paper only when it is recorded: a card nobody knows of is a card nobody can vouch for.
  await record({ method: 'POST', path: '/api/cards/made', body: { id: made.card, text: made.text, ...about }, subject: 'row', label: 'outbox.card', key: made.card }).saved
  if (made.tag) {
    const seen = await known()
    seen[made.text] = { tag: made.tag, sequence: made.sequence }
    void vault.put('tags', seen).catch(() => {})
  }
  return { ...nothing, card: made.card, text: made.text, entries: made.entries, sequence: made.sequence, expires: made.expires, ...(made.dropped ? { dropped: made.dropped } : {}) }
}
