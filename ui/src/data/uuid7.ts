// Ids are made where the thing is born. UUIDv7 (RFC 9562, 5.7): 48 bits of unix milliseconds, then randomness, so that
// ids sort by birth and two devices never agree by accident.

let lastTime = 0
let lastSequence = 0

/** uuid7 makes an id. Ids made in one tab always grow, even when the device's clock goes backwards. */
export function uuid7(now: number = Date.now(), random: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array = (b) => crypto.getRandomValues(b)): string {
  const bytes = new Uint8Array(16)
  random(bytes)
  if (now > lastTime) {
    lastTime = now
    // 11 random bits leave room for 2,048 more ids in the same millisecond before the counter spills over.
    lastSequence = ((bytes[6]! << 8) | bytes[7]!) & 0x7ff
  } else if (++lastSequence > 0xfff) {
    lastTime++
    lastSequence = 0
  }
  let time = lastTime
  for (let i = 5; i >= 0; i--) {
    bytes[i] = time % 256
    time = Math.floor(time / 256)
  }
  bytes[6] = 0x70 | (lastSequence >> 8)
  bytes[7] = lastSequence & 0xff
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
