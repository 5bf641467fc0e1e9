import type { PersonName } from '@/data/wire'

/** nameOf splits what was typed into the parts of a name, in the order given; null when nothing was given, which is fine. */
export function nameOf(typed: string): PersonName | null {
  const parts = typed.normalize('NFC').split(/\s+/).filter(Boolean)
  return parts.length === 0 ? null : { parts, script: scriptOf(typed) }
}

/** scriptOf is the ISO 15924 code of the first letter's script, of those that our languages are written in. */
export function scriptOf(text: string): string {
  for (const [code, letters] of [
    ['Arab', /\p{Script=Arabic}/u],
    ['Ethi', /\p{Script=Ethiopic}/u],
    ['Tfng', /\p{Script=Tifinagh}/u],
    ['Cyrl', /\p{Script=Cyrillic}/u],
    ['Latn', /\p{Script=Latin}/u],
  ] as const) {
    if (letters.test(text)) return code
  }
  return 'Zyyy'
}
