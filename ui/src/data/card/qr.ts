// The QR code of a card, drawn on the device: alphanumeric mode at correction Q, since a card is folded, sweated on and
// scanned by the light of a phone. ISO/IEC 18004; the same modules as the node draws, which a test compares.

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
/** Of versions 1 to 20 at correction Q: correction bytes in each block, and blocks. Version 20 holds 702 characters. */
const corrections = [13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30]
const blockCounts = [1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20]
/** quiet is the white border a code needs on each side, in modules. */
export const quiet = 4

export interface Code {
  version: number
  mask: number
  /** size is the number of modules on a side, quiet zone not included. */
  size: number
  black: (x: number, y: number) => boolean
}

const exponents = new Uint8Array(510)
const logarithms = new Uint8Array(256)
for (let i = 0, x = 1; i < 255; i++, x = x & 0x80 ? (x << 1) ^ 0x11d : x << 1) {
  exponents[i] = exponents[i + 255] = x
  logarithms[x] = i
}
const times = (a: number, b: number): number => (a && b ? exponents[logarithms[a]! + logarithms[b]!]! : 0)

function correction(data: number[], degree: number): number[] {
  let generator = [1]
  for (let i = 0; i < degree; i++) generator = [...generator, 0].map((c, j) => c ^ times(generator[j - 1] ?? 0, exponents[i]!))
  const rest = new Array<number>(degree).fill(0)
  for (const byte of data) {
    const factor = byte ^ rest.shift()!
    rest.push(0)
    for (let i = 0; i < degree; i++) rest[i]! ^= times(generator[i + 1]!, factor)
  }
  return rest
}

const positions = (version: number): number[] => {
  if (version === 1) return []
  const count = Math.floor(version / 7) + 2
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2
  return [6, ...Array.from({ length: count - 1 }, (_, i) => version * 4 + 10 - (count - 2 - i) * step)]
}

/** modules is how many modules of a version carry data. */
function modules(version: number): number {
  const n = positions(version).length
  return (16 * version + 128) * version + 64 - (n ? (25 * n - 10) * n - 55 : 0) - (version >= 7 ? 36 : 0)
}

function codewords(text: string): { version: number; bytes: number[] } {
  const counted = (v: number) => (v < 10 ? 9 : 11)
  const need = (v: number) => 4 + counted(v) + Math.floor(text.length / 2) * 11 + (text.length % 2) * 6
  const room = (v: number) => Math.floor(modules(v) / 8) - corrections[v - 1]! * blockCounts[v - 1]!
  let version = 1
  while (version <= 20 && need(version) > room(version) * 8) version++
  if (version > 20) throw new RangeError('too long for a QR code of a card')
  const bits: number[] = []
  const put = (n: number, width: number) => {
    for (let i = width - 1; i >= 0; i--) bits.push((n >> i) & 1)
  }
  put(2, 4)
  put(text.length, counted(version))
  for (let i = 0; i < text.length; i += 2) {
    const [a, b] = [alphabet.indexOf(text[i]!), alphabet.indexOf(text[i + 1] ?? '0')]
    if (a < 0 || b < 0) throw new RangeError('characters that no card text has')
    if (i + 1 < text.length) put(a * 45 + b, 11)
    else put(a, 6)
  }
  const all = room(version) * 8
  put(0, Math.min(4, all - bits.length))
  while (bits.length % 8) bits.push(0)
  const data: number[] = []
  for (let i = 0; i < bits.length; i += 8) data.push(bits.slice(i, i + 8).reduce((n, b) => n * 2 + b, 0))
  for (let pad = 0xec; data.length < room(version); pad ^= 0xec ^ 0x11) data.push(pad)
  return { version, bytes: woven(data, version) }
}

/** woven splits the data into blocks, corrects each, and lays them between each other. */
function woven(data: number[], version: number): number[] {
  const blocks = blockCounts[version - 1]!
  const degree = corrections[version - 1]!
  const short = Math.floor(data.length / blocks)
  const shorter = blocks - (data.length % blocks)
  const parts: number[][] = []
  for (let i = 0, at = 0; i < blocks; i++) {
    const size = short + (i < shorter ? 0 : 1)
    parts.push(data.slice(at, (at += size)))
  }
  const checks = parts.map((p) => correction(p, degree))
  const out: number[] = []
  for (let i = 0; i <= short; i++) for (const p of parts) if (i < p.length) out.push(p[i]!)
  for (let i = 0; i < degree; i++) for (const c of checks) out.push(c[i]!)
  return out
}

const masks: ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
]

/** draw makes the code, with the mask that misleads scanners least. */
export function draw(text: string): Code {
  const { version, bytes } = codewords(text)
  const size = 17 + 4 * version
  const grid = new Uint8Array(size * size)
  const fixed = new Uint8Array(size * size)
  const set = (x: number, y: number, dark: boolean) => {
    if (x < 0 || y < 0 || x >= size || y >= size) return
    grid[y * size + x] = dark ? 1 : 0
    fixed[y * size + x] = 1
  }
  for (let i = 0; i < size; i++) {
    set(6, i, i % 2 === 0)
    set(i, 6, i % 2 === 0)
  }
  for (const [cx, cy] of [[3, 3], [size - 4, 3], [3, size - 4]] as const) {
    for (let dy = -4; dy <= 4; dy++) for (let dx = -4; dx <= 4; dx++) {
      const far = Math.max(Math.abs(dx), Math.abs(dy))
      set(cx + dx, cy + dy, far !== 2 && far !== 4)
    }
  }
  const at = positions(version)
  for (const x of at) for (const y of at) {
    if ((x === 6 && (y === 6 || y === size - 7)) || (x === size - 7 && y === 6)) continue
    for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) set(x + dx, y + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1)
  }
  if (version >= 7) {
    let rest = version
    for (let i = 0; i < 12; i++) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25)
    const bits = (version << 12) | rest
    for (let i = 0; i < 18; i++) {
      const [a, b] = [size - 11 + (i % 3), Math.floor(i / 3)]
      set(a, b, ((bits >> i) & 1) === 1)
      set(b, a, ((bits >> i) & 1) === 1)
    }
  }
  format(set, size, 0)
  lay(grid, fixed, size, bytes)
  let best: { grid: Uint8Array; mask: number; score: number } | null = null
  masks.forEach((mask, number) => {
    const tried = grid.slice()
    for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) if (!fixed[y * size + x] && mask(x, y)) tried[y * size + x]! ^= 1
    format((x, y, dark) => (tried[y * size + x] = dark ? 1 : 0), size, number)
    const score = penalty(tried, size)
    if (!best || score < best.score) best = { grid: tried, mask: number, score }
  })
  const { grid: made, mask } = best!
  return { version, mask, size, black: (x, y) => x >= 0 && y >= 0 && x < size && y < size && made[y * size + x] === 1 }
}

function format(set: (x: number, y: number, dark: boolean) => void, size: number, mask: number): void {
  const data = (3 << 3) | mask // correction Q
  let rest = data
  for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >> 9) * 0x537)
  const bits = ((data << 10) | rest) ^ 0x5412
  const bit = (i: number) => ((bits >> i) & 1) === 1
  for (let i = 0; i <= 5; i++) set(8, i, bit(i))
  set(8, 7, bit(6))
  set(8, 8, bit(7))
  set(7, 8, bit(8))
  for (let i = 9; i < 15; i++) set(14 - i, 8, bit(i))
  for (let i = 0; i < 8; i++) set(size - 1 - i, 8, bit(i))
  for (let i = 8; i < 15; i++) set(8, size - 15 + i, bit(i))
  set(8, size - 8, true)
}

/** lay puts the bits along the zigzag of the standard. */
function lay(grid: Uint8Array, fixed: Uint8Array, size: number, bytes: number[]): void {
  let i = 0
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5
    for (let step = 0; step < size; step++) {
      for (let j = 0; j < 2; j++) {
        const x = right - j
        const y = ((right + 1) & 2) === 0 ? size - 1 - step : step
        if (fixed[y * size + x] || i >= bytes.length * 8) continue
        grid[y * size + x] = (bytes[i >> 3]! >> (7 - (i & 7))) & 1
        i++
      }
    }
  }
}

/** penalty is the score of ISO/IEC 18004, 7.8.3: long runs, blocks, patterns like a finder, too much of one colour. */
function penalty(grid: Uint8Array, size: number): number {
  let score = 0
  let dark = 0
  for (let y = 0; y < size; y++) {
    score += line((i) => grid[y * size + i]!, size) + line((i) => grid[i * size + y]!, size)
    for (let x = 0; x < size; x++) {
      const c = grid[y * size + x]!
      dark += c
      if (x + 1 < size && y + 1 < size && grid[y * size + x + 1] === c && grid[(y + 1) * size + x] === c && grid[(y + 1) * size + x + 1] === c) score += 3
    }
  }
  const percent = Math.floor((dark * 100) / (size * size))
  return score + Math.floor(Math.abs(percent - 50) / 5) * 10
}

function line(at: (i: number) => number, size: number): number {
  let score = 0
  let run = 0
  let bits = 0
  for (let i = 0; i < size; i++) {
    const c = at(i)
    run = i > 0 && c === at(i - 1) ? run + 1 : 1
    if (run === 5) score += 3
    else if (run > 5) score++
    bits = ((bits << 1) & 0x7ff) | c
    if (i >= 10 && (bits === 0b00001011101 || bits === 0b10111010000)) score += 40
  }
  return score
}

/** qrSvgPath is the path of the black modules, and the side of the view box, quiet zone included. */
export function qrSvgPath(text: string): { path: string; side: number } {
  const code = draw(text)
  let path = ''
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) {
      const start = x
      while (code.black(x, y)) x++
      if (x > start) path += `M${start + quiet} ${y + quiet}h${x - start}v1h-${x - start}z`
    }
  }
  return { path, side: code.size + 2 * quiet }
}
