// Names as two desks write them: a small kin of the node's own index (internal/link), for the few thousand files that
// one point keeps on a device. A part has three forms, from exact to forgiving: as written, as said, and its consonants.

export interface Part { norm: string; sound: string; key: string; bare: boolean }

const arabic: Record<string, string> = {
  ا: 'a', أ: 'a', إ: 'a', آ: 'a', ٱ: 'a', ى: 'i', ي: 'i', ی: 'i', ئ: 'i', ؤ: 'u', و: 'u', ء: '', ب: 'b', پ: 'p', ت: 't', ث: 'th', ج: 'j', چ: 'ch',
  ح: 'h', خ: 'kh', د: 'd', ذ: 'dh', ر: 'r', ز: 'z', ژ: 'j', س: 's', ش: 'sh', ص: 's', ض: 'd', ط: 't', ظ: 'z', ع: '', غ: 'gh', ف: 'f', ڤ: 'v', ق: 'q',
  ڨ: 'g', ك: 'k', ک: 'k', گ: 'g', ل: 'l', م: 'm', ن: 'n', ں: 'n', ه: 'h', ة: 'a', ۀ: 'a', ھ: 'h', ہ: 'h', ٹ: 't', ڈ: 'd', ڑ: 'r', ے: 'i', ـ: '',
}
const ethiopic = ['h', 'l', 'h', 'm', 's', 'r', 's', 'sh', 'q', 'qw', 'q', 'qw', 'b', 'v', 't', 'ch', 'h', 'hw', 'n', 'n', '', 'k', 'kw', 'kh', 'khw', 'w', '', 'z', 'j', 'y', 'd', 'd', 'j', 'g', 'gw', 'g', 't', 'ch', 'p', 'ts', 'ts', 'f', 'p']
const ethiopicVowels = ['e', 'u', 'i', 'a', 'e', '', 'o', 'ua']
const hooked: Record<string, string> = { ɓ: 'b', ɗ: 'd', ƙ: 'k', ƴ: 'y', ŋ: 'n', ɲ: 'n', ɛ: 'e', ɔ: 'o', ə: 'e', ı: 'i', ß: 'ss', ø: 'o', đ: 'd', ð: 'd', þ: 'th', ł: 'l', æ: 'e', œ: 'e', ʔ: '' }
/** What the languages of the routes write in several ways, in order: the first that fits. */
const spellings: [string, string][] = [
  ['tch', 'x'], ['sch', 'x'], ['tsh', 'x'], ['sh', 'x'], ['ch', 'x'], ['dj', 'j'], ['dg', 'j'], ['zh', 'j'], ['kh', 'k'], ['gh', 'g'], ['rh', 'g'], ['ph', 'f'],
  ['th', 't'], ['dh', 'd'], ['ck', 'k'], ['qu', 'k'], ['ts', 's'], ['tz', 's'], ['oua', 'wa'], ['oue', 'we'], ['oui', 'wi'], ['ou', 'u'], ['oo', 'u'], ['ee', 'i'],
  ['ei', 'i'], ['ai', 'i'], ['ay', 'i'], ['ey', 'i'], ['au', 'u'], ['aw', 'u'], ['gn', 'n'], ['ny', 'n'], ['ce', 'se'], ['ci', 'si'],
  ['q', 'k'], ['c', 'k'], ['v', 'b'], ['z', 's'], ['y', 'i'], ['p', 'b'],
]
const articles = new Set(['al', 'el', 'ul', 'il', 'ould', 'uld', 'wuld', 'weld', 'ben', 'bin', 'ibn', 'bn', 'bint', 'bent', 'bnt', 'mint', 'de', 'del', 'la', 'di', 'da', 'dos', 'du', 'y', 'w'])

function latin(letter: string): string | null {
  if (letter >= 'a' && letter <= 'z') return letter
  const at = letter.codePointAt(0)! - 0x1200
  if (at >= 0 && at <= 0x157) {
    const [consonant, vowel] = [ethiopic[at >> 3] ?? '', ethiopicVowels[at % 8]!]
    return consonant === '' && at % 8 === 0 ? 'a' : consonant + vowel
  }
  return arabic[letter] ?? hooked[letter] ?? null
}
const isVowel = (c: string | undefined) => c !== undefined && 'aeiouy'.includes(c)
const once = (s: string) => s.replace(/(.)\1+/g, '$1')

function soundOf(written: string): string {
  let s = written
  // Diallo, Diarra and Diakité are Jallow, Jara and Jakite.
  if (s.length > 3 && s.startsWith('di') && isVowel(s[2])) s = 'j' + s.slice(2)
  let out = ''
  for (let i = 0; i < s.length; ) {
    const rule = spellings.find(([from]) => s.startsWith(from, i))
    const from = rule?.[0] ?? s[i]!
    out += from === 'y' && isVowel(s[i + 1]) && s[i + 1] !== 'y' ? 'y' : (rule?.[1] ?? s[i]!)
    i += from.length
  }
  out = once(out.replaceAll('e', 'i').replaceAll('o', 'u')).replace(/^h/, '')
  return out.length > 2 ? out.replace(/h$/, '') : out
}
function keyOf(sound: string): string {
  const consonants = sound.replace(/[aiuwy]/g, '')
  return consonants.length >= 2 ? consonants : '~' + once(sound.replace(/[wy]/g, ''))
}

/** partsOf brings a name to its comparable parts. */
export function partsOf(name: readonly string[]): Part[] {
  const words: { text: string; bare: boolean }[] = []
  for (const given of name) {
    const bare = /[\u0600-\u06ff]/.test(given)
    let word = ''
    const flush = () => {
      if (word) words.push({ text: bare && word.length > 3 && word.endsWith('h') ? word.slice(0, -1) + 'a' : word, bare })
      word = ''
    }
    for (const letter of given.slice(0, 320).normalize('NFKC').normalize('NFD').toLowerCase()) {
      if (/\p{Mn}|['’‘ʼʻʾʿ`´]/u.test(letter)) continue
      const written = latin(letter)
      if (written === null) flush()
      else word += written
    }
    flush()
  }
  const kept = words.filter((w) => !articles.has(w.text))
  return (kept.length > 0 ? kept : words).slice(0, 12).map(({ text, bare }) => {
    const norm = bare && /^al./.test(text) && text.length > 4 ? text.slice(2) : text
    const sound = soundOf(norm)
    return { norm, sound, key: keyOf(sound), bare }
  })
}

/** distance is the number of letters to add, drop or change, and most + 1 when it is more. */
export function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1
  let row = Array.from({ length: a.length + 1 }, (_, i) => i)
  for (let j = 0; j < b.length; j++) {
    const next = [j + 1]
    for (let i = 0; i < a.length; i++) next.push(a[i] === b[j] ? row[i]! : 1 + Math.min(row[i]!, row[i + 1]!, next[i]!))
    row = next
  }
  return Math.min(row[a.length]!, most + 1)
}

function likeness(a: Part, b: Part): number {
  if (a.norm === b.norm && a.bare === b.bare) return 1
  if (a.sound === b.sound && !a.bare && !b.bare) return 0.93
  if (a.key === b.key) return a.bare || b.bare ? 0.8 : Math.max(0, 0.8 - 0.06 * Math.max(0, distance(a.sound, b.sound, 4) - 1))
  if ((a.norm.length === 1 || b.norm.length === 1) && a.norm[0] === b.norm[0]) return 0.35
  const [x, y] = [a.key.replaceAll('h', ''), b.key.replaceAll('h', '')]
  if (x.length >= 2 && x === y) return 0.72
  if ((a.key.length >= 3 && b.key.length >= 3 && distance(a.key, b.key, 1) <= 1) || (!a.bare && !b.bare && a.sound.length >= 5 && b.sound.length >= 5 && distance(a.sound, b.sound, 1) <= 1)) return 0.58
  // Somebody who types the beginning of a name means it.
  if (a.norm.length >= 3 && b.norm.startsWith(a.norm)) return 0.7
  return 0
}

/** score tells how well a name answers what was asked, from 0 to 1. */
export function score(asked: readonly Part[], name: readonly Part[]): number {
  if (asked.length === 0 || name.length === 0) return 0
  const taken = new Set<number>()
  let sum = 0
  for (const [i, part] of asked.entries()) {
    let best = 0
    let at = -1
    for (const [j, other] of name.entries()) {
      const value = taken.has(j) ? 0 : likeness(part, other) * (i === j || asked.length === 1 ? 1 : 0.99)
      if (value > best) [best, at] = [value, j]
    }
    if (at >= 0) taken.add(at)
    sum += best
  }
  return sum / asked.length - 0.02 * Math.max(0, name.length - asked.length)
}
