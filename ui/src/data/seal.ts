// Sealing and signing on the device, with the browser's own cryptography: HPKE (RFC 9180) to the node or to the worker's
// own vault, ECDSA signatures of the worker's device key, AES-GCM for what rests here. Keys that sign cannot be read out.

import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core'
import { fromBase64, random, toBase64, utf8, type Bytes } from './bytes'

const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })

/** Sealed is a message that only the holder of one private key opens; both parts are base64url. */
export interface Sealed { enc: string; sealed: string }

/** sealTo seals to an uncompressed P-256 point (65 bytes). info names the use, aad what the message belongs to. */
export async function sealTo(receiver: Bytes, info: string, aad: string, plain: Bytes): Promise<Sealed> {
  const recipientPublicKey = await suite.kem.deserializePublicKey(receiver.buffer)
  const sender = await suite.createSenderContext({ recipientPublicKey, info: utf8(info).buffer })
  const sealed = await sender.seal(plain.buffer, utf8(aad).buffer)
  return { enc: toBase64(sender.enc), sealed: toBase64(sealed) }
}

/** openWith opens what was sealed to a private key; it rejects when anything of it was changed. */
export async function openWith(key: Bytes, info: string, aad: string, given: Sealed): Promise<ArrayBuffer> {
  const recipientKey = await suite.kem.deserializePrivateKey(key.buffer)
  const receiver = await suite.createRecipientContext({ recipientKey, enc: fromBase64(given.enc).buffer, info: utf8(info).buffer })
  return receiver.open(fromBase64(given.sealed).buffer, utf8(aad).buffer)
}

/** newSealPair makes a pair for sealTo and openWith: the public point and the private scalar. */
export async function newSealPair(): Promise<{ open: Bytes; secret: Bytes }> {
  const pair = await suite.kem.generateKeyPair()
  return { open: new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey)), secret: new Uint8Array(await suite.kem.serializePrivateKey(pair.privateKey)) }
}

/** Signer is a worker's device key: id is its name at the node, key cannot be read out of this browser. */
export interface Signer { id: string; key: CryptoKey; open: Bytes }

export async function newSigner(): Promise<Signer> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
  const open = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
  const sum = await crypto.subtle.digest('SHA-256', open)
  return { id: toBase64(sum.slice(0, 16)), key: pair.privateKey, open }
}
export async function sign(signer: Signer, message: string): Promise<string> {
  return toBase64(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, signer.key, utf8(message)))
}

/** Box is what rests on the device, encrypted: nonce and ciphertext. The name of its place is bound to it. */
export interface Box { iv: Bytes; data: ArrayBuffer }

export const restKey = (raw: Bytes) => crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
export async function encrypt(key: CryptoKey, place: string, plain: Bytes): Promise<Box> {
  const iv = random(12)
  return { iv, data: await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: utf8(place) }, key, plain) }
}
export const decrypt = (key: CryptoKey, place: string, box: Box): Promise<ArrayBuffer> =>
  crypto.subtle.decrypt({ name: 'AES-GCM', iv: box.iv, additionalData: utf8(place) }, key, box.data)

/**
 * stretch makes a key out of a PIN or a password: PBKDF2-HMAC-SHA-256 with OWASP's 600,000 rounds. It slows guessing on a
 * copied profile and cannot stop it: a PIN of six digits falls to a patient machine.
 */
export async function stretch(secret: string, salt: Bytes, rounds: number): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey('raw', utf8(secret.normalize('NFKC')), 'PBKDF2', false, ['deriveKey'])
  return crypto.subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds }, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}
/** fromPasskey makes a key out of what a passkey's PRF answered (32 bytes). */
export async function fromPasskey(answer: ArrayBuffer): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey('raw', answer, 'HKDF', false, ['deriveKey'])
  return crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8('serai vault passkey 1') }, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}
