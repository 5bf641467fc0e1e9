// The seal and the marks, by the browser's own cryptography.

import { utf8, type Bytes } from '../bytes'

/** Twelve bytes of tag: what stops forgers is the signature around it; this one only has to tell a wrong key. */
const aes = (cti: Bytes, bound: Bytes): AesGcmParams => ({ name: 'AES-GCM', iv: cti.subarray(0, 12), additionalData: bound, tagLength: 96 })

const imported = new WeakMap<Bytes, Promise<CryptoKey>>()
function sealKey(raw: Bytes): Promise<CryptoKey> {
  let key = imported.get(raw)
  if (!key) imported.set(raw, (key = crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])))
  return key
}

/** unseal returns null for what does not open with this key. */
export async function unseal(raw: Bytes, cti: Bytes, bound: Bytes, sealed: Bytes): Promise<Bytes | null> {
  const key = await sealKey(raw)
  return crypto.subtle.decrypt(aes(cti, bound), key, sealed).then((b) => new Uint8Array(b), () => null)
}
export async function seal(raw: Bytes, cti: Bytes, bound: Bytes, plain: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.encrypt(aes(cti, bound), await sealKey(raw), plain))
}

/** keyed is HMAC-SHA-256(key, purpose | value), cut to sixteen bytes. */
export async function keyed(raw: Bytes, purpose: string, value: Bytes): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const text = utf8(purpose)
  const input = new Uint8Array(text.length + value.length)
  input.set(text)
  input.set(value, text.length)
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, input)).slice(0, 16)
}

/** listed looks a mark up among marks that stand one behind the other. */
export function listed(marks: Bytes, mark: Bytes): boolean {
  next: for (let at = 0; at + 16 <= marks.length; at += 16) {
    for (let i = 0; i < 16; i++) if (marks[at + i] !== mark[i]) continue next
    return true
  }
  return false
}
