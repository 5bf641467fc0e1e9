// Printing cards on a device that was allowed to sign them: with a key of its own, which can be revoked alone.

import { compare } from './cbor'
import { fromBase64, random as drawn, type Bytes } from '../bytes'
import { encode45 } from './base45'
import { bound, packClaims, prefix, type Claims } from './claims'
import { publicKey, sign } from './cose'
import { dayOf, expiryAfter } from './day'
import { Gather, maxValidity, mostQuantity, otherService, packContents, type Entry } from './entry'
import { unhex, type Reading } from './read'
import { Refusal, type Refused } from './refusal'
import { seal } from './seal'
import { known, type CardShare, type Known, type SealKey, type TrustedKey } from './share'

/** Sequences end one before the last number of sixteen bits, which no print has. */
const lastSequence = 0xffff - 1

export interface Printed {
  text: string
  cti: Bytes
  lineage: Bytes
  sequence: number
  issued: number
  expires: number
  slip: boolean
  noFile: boolean
  /** entries stand oldest first. */
  entries: Entry[]
  /** dropped entries found no room. */
  dropped: number
  /** replaces are the prints that this one supersedes. */
  replaces: Bytes[]
}
interface Draft { lineage: Bytes | null; sequence: number; slip: boolean; noFile: boolean; entries: Entry[]; dropped: number; replaces: Bytes[] }
type Draw = (n: number) => Bytes

export class Press {
  readonly #k: Known
  readonly #seed: Bytes
  readonly #key: TrustedKey

  /** A press that could not print is not made: the refusal says why. */
  constructor(readonly share: CardShare, readonly now: Date, readonly draw: Draw = drawn) {
    this.#k = known(share)
    if (!share.network) throw new Refusal([{ code: 'card.network_missing' }])
    const { signer, own } = share
    const key = signer && this.#k.keys.get(signer.id)
    const today = dayOf(now)
    if (!signer || !own || !key || !key.active || !key.card || today < key.from || today >= key.until) throw new Refusal([{ code: 'card.signer_not_trusted' }])
    this.#seed = fromBase64(signer.seed)
    // Under the id of another key the network would not believe what is printed here.
    if (compare(publicKey(this.#seed), key.key) !== 0 || key.issuer !== own.issuer) throw new Refusal([{ code: 'card.signer_not_trusted' }])
    this.#key = key
  }

  /** issue prints the first card of a new lineage. */
  issue(entries: Entry[], noFile: boolean): Promise<Printed> {
    this.#check(entries)
    const all = new Gather()
    for (const e of entries) all.add(e)
    return this.#print({ lineage: null, sequence: 1, slip: false, noFile, replaces: [], ...all.newest() })
  }

  /** update re-issues a card of whichever organisation in the name of this one. `highest` is the highest sequence known here. */
  update(from: Reading, entries: Entry[], hasFile: boolean, highest = 0): Promise<Printed> {
    if (from.state !== 'verified' || from.history !== 'open') throw new Refusal([{ code: 'card.print_slip' }])
    this.#check(entries)
    const all = new Gather()
    for (const l of from.lines) {
      const service = this.#k.services.get(l.service)
      if (service && !service.safe && l.service !== otherService) continue
      all.merge({ service: service ? l.service : otherService, quantity: l.quantity, day: l.day, point: l.point })
    }
    for (const e of entries) all.add(e)
    return this.#print({ lineage: from.lineage, sequence: next(Math.max(from.sequence, highest)), slip: false, noFile: from.noFile && !hasFile, replaces: [from.cti], ...all.newest() })
  }

  /** slip prints one entry where the card itself cannot be printed or opened; without a card `from` is null. */
  slip(from: Reading | null, entry: Entry, highest = 0): Promise<Printed> {
    this.#check([entry])
    const opened = from?.state === 'verified' && from.history === 'open' ? from : null
    return this.#print({
      lineage: opened?.lineage ?? null, sequence: opened ? next(Math.max(opened.sequence, highest)) : 1, slip: true, noFile: from?.noFile ?? false,
      entries: [{ ...entry, quantity: Math.min(entry.quantity, mostQuantity) }], dropped: 0, replaces: [],
    })
  }

  /** Whatever must not be written is refused here, when the card is made; all reasons at once. */
  #check(entries: Entry[]): void {
    const bad: Refused[] = []
    const today = dayOf(this.now)
    entries.forEach((e, i) => {
      const refuse = (field: string, code: string) => bad.push({ field: `entries[${i}].${field}`, code })
      if (!this.#k.writable(e.service)) refuse('service', 'card.service_not_for_card')
      if (e.quantity < 1) refuse('quantity', 'card.entry_invalid')
      if (e.day > today) refuse('day', 'card.entry_invalid')
      if (this.#k.owner(e.point) !== this.#key.issuer) refuse('point', 'card.point_not_of_issuer')
    })
    if (bad.length > 0) throw new Refusal(bad)
  }

  async #print(d: Draft): Promise<Printed> {
    const own = this.share.own!
    const issued = dayOf(this.now)
    const expires = expiryAfter(issued, own.days)
    if (own.days < 1 || expires <= issued || expires - issued > maxValidity) throw new Refusal([{ code: 'card.expiry_invalid' }])
    const key: SealKey | null = this.#k.current(own.circle, this.now)
    if (!key) throw new Refusal([{ code: 'card.seal_key_missing' }])
    const lineage = d.lineage ?? this.draw(8)
    const cti = this.draw(16)
    const kid = unhex(this.#key.id)
    const claims: Claims = { expires, cti, sequence: d.sequence, seal: key.id, sealed: new Uint8Array() }
    const plain = packContents({ issuer: this.#key.issuer, issued, lineage, slip: d.slip, noFile: d.noFile, entries: d.entries }, expires)
    claims.sealed = await seal(key.key, cti, bound(kid, claims), plain)
    const text = prefix + encode45(sign(this.#seed, kid, packClaims(claims)))
    return { text, cti, issued, expires, lineage, sequence: d.sequence, slip: d.slip, noFile: d.noFile, entries: d.entries, dropped: d.dropped, replaces: d.replaces }
  }
}

function next(sequence: number): number {
  if (sequence >= lastSequence) throw new Refusal([{ code: 'card.sequence_spent' }])
  return sequence + 1
}
