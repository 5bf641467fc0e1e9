// Bytes and the texts that carry them.

export type Bytes = Uint8Array<ArrayBuffer>

const encoder = new TextEncoder()
const decoder = new TextDecoder()
export const utf8 = (text: string): Bytes => encoder.encode(text) as Bytes
export const text = (bytes: ArrayBuffer | Uint8Array): string => decoder.decode(bytes)

/** toBase64 is base64url without padding (RFC 4648, section 5), as everything that travels to a node. */
export function toBase64(bytes: ArrayBuffer | Uint8Array): string {
  const all = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes)
  let binary = ''
  for (let i = 0; i < all.length; i += 0x8000) binary += String.fromCharCode(...all.subarray(i, i + 0x8000))
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}
export function fromBase64(given: string): Bytes {
  const binary = atob(given.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}
export const random = (n: number): Bytes => crypto.getRandomValues(new Uint8Array(n))
