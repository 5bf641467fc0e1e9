// COSE_Sign1 (RFC 9052) of the one form a card has: untagged, EdDSA, algorithm and key id protected and nothing else.

import { ed25519 } from '@noble/curves/ed25519.js'
import { utf8, type Bytes } from '../bytes'
import { bytes, canonical, items, uint } from './cbor'
import { NotACard } from './refusal'

export interface Message { kid: Bytes; protectedHeader: Bytes; payload: Bytes; signature: Bytes }

export function parseMessage(data: Bytes): Message {
  canonical(data, 4)
  const [header, open, payload, signature, more] = items(data, 4)
  if (!header || !open || !payload || !signature || more) throw new NotACard()
  if (header.major !== 2 || open.major !== 5 || payload.major !== 2 || signature.major !== 2) throw new NotACard()
  if (header.bytes.length === 0) throw new NotACard('card.algorithm')
  canonical(header.bytes, 4)
  const fields = items(header.bytes, 5)
  const field = (label: number) => fields.find((k, i) => i % 2 === 0 && k.major === 0 && k.n === label)
  const value = (label: number) => fields[fields.indexOf(field(label)!) + 1]
  // EdDSA is -8, which CBOR writes as the negative integer 7.
  const algorithm = field(1) && value(1)
  if (!algorithm || algorithm.major !== 1 || algorithm.n !== 7) throw new NotACard('card.algorithm')
  const kid = field(4) && value(4)
  if (!kid || kid.major !== 2 || kid.bytes.length !== 4 || fields.length !== 4 || open.n !== 0) throw new NotACard('card.header')
  if (payload.bytes.length === 0 || signature.bytes.length !== 64) throw new NotACard()
  return { kid: kid.bytes, protectedHeader: header.bytes, payload: payload.bytes, signature: signature.bytes }
}

/** toBeSigned is the Sig_structure; a card names no purpose in it. */
function toBeSigned(protectedHeader: Bytes, payload: Bytes): Bytes {
  return new Uint8Array([0x84, ...uint(10, 3), ...utf8('Signature1'), ...bytes(protectedHeader), 0x40, ...bytes(payload)])
}

export function verify(m: Message, key: Bytes): boolean {
  try {
    return ed25519.verify(m.signature, toBeSigned(m.protectedHeader, m.payload), key, { zip215: false })
  } catch {
    return false
  }
}

export function sign(seed: Bytes, kid: Bytes, payload: Bytes): Bytes {
  const header = new Uint8Array([0xa2, 0x01, 0x27, 0x04, ...bytes(kid)])
  const signature = ed25519.sign(toBeSigned(header, payload), seed)
  return new Uint8Array([0x84, ...bytes(header), 0xa0, ...bytes(payload), ...bytes(signature)])
}

export const publicKey = (seed: Bytes): Bytes => ed25519.getPublicKey(seed) as Bytes
