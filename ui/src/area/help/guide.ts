// The guide is written by people who write, one text for each language: `## anchor: Title`, paragraphs, lists, tables,
// **strong**, and {words.of.the.screen}, which are filled in from the word lists, so that a guide never names a button
// that is called something else.

export type Piece = { text: string; strong: boolean }
export type Block = { kind: 'text'; pieces: Piece[] } | { kind: 'list'; items: Piece[][] } | { kind: 'table'; head: Piece[][]; rows: Piece[][][] }
export interface Section { id: string; title: string; blocks: Block[]; /** plain is what a search looks through. */ plain: string }

const cells = (line: string) => line.slice(1, -1).split('|').map((cell) => cell.trim())

/** readGuide never fails: what it does not understand is a paragraph. */
export function readGuide(text: string, word: (key: string) => string): Section[] {
  const filled = text.replace(/\{([a-z_]+(?:\.\w+)+)\}/g, (_, key: string) => word(key))
  return filled
    .split(/^## /m)
    .slice(1)
    .map((part) => {
      const [head = '', ...rest] = part.split('\n')
      const [, id = '', title = ''] = /^(\w+):\s*(.*)$/.exec(head) ?? [null, '', head]
      const body = rest.join('\n').trim()
      return { id, title, blocks: body.split(/\n{2,}/).map(block), plain: fold(`${title} ${body}`) }
    })
}

function block(text: string): Block {
  const lines = text.split('\n')
  if (lines.every((l) => l.startsWith('- '))) return { kind: 'list', items: lines.map((l) => pieces(l.slice(2))) }
  if (lines.length > 2 && lines.every((l) => l.startsWith('|'))) {
    const [head, , ...rows] = lines.map(cells)
    return { kind: 'table', head: head!.map(pieces), rows: rows.map((r) => r.map(pieces)) }
  }
  return { kind: 'text', pieces: pieces(lines.join(' ')) }
}

function pieces(text: string): Piece[] {
  return text.split('**').flatMap((part, i) => (part === '' ? [] : [{ text: part, strong: i % 2 === 1 }]))
}

/** fold makes "Échap", "echap" and "ECHAP" one word, and leaves out Arabic vowel marks and the forms of alif. */
export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}|[\u0640*|]/gu, '').replace(/[أإآٱ]/g, 'ا').toLowerCase()
}

/** found keeps the sections that have every word of the question. */
export function found(sections: Section[], question: string): Section[] {
  const words = fold(question).split(/\s+/).filter(Boolean)
  return sections.filter((s) => words.every((w) => s.plain.includes(w)))
}
