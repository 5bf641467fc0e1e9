// Fails when a language lacks a word that another has, when a screen asks for a word that nobody wrote, or when a
// sentence lost one of its {places}. English, French, Arabic and Spanish are all complete.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const src = join(dirname(fileURLToPath(import.meta.url)), '..', 'src')
const languages = ['en', 'fr', 'ar', 'es']
const arabicForms = 6
const problems = []

function flat(value, prefix, into) {
  for (const [key, v] of Object.entries(value)) {
    if (typeof v === 'string') into.set(`${prefix}${key}`, v)
    else flat(v, `${prefix}${key}.`, into)
  }
  return into
}
const words = Object.fromEntries(
  languages.map((lang) => {
    const all = new Map()
    for (const file of readdirSync(join(src, 'words', lang)).filter((f) => f.endsWith('.json'))) {
      flat(JSON.parse(readFileSync(join(src, 'words', lang, file), 'utf8')), file.replace('json', ''), all)
    }
    return [lang, all]
  }),
)
const places = (text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join(' ')
for (const lang of languages) {
  for (const [key, text] of words[lang]) {
    const english = words.en.get(key)
    if (english === undefined) problems.push(`${lang}: ${key} is not in English`)
    else if (places(text) !== places(english) && !text.includes('|')) problems.push(`${lang}: ${key} has other places than English (${places(english)})`)
    if (text.trim() === '') problems.push(`${lang}: ${key} is empty`)
    const forms = text.split('|').length
    if (forms > 1 && forms !== (lang === 'ar' ? arabicForms : 2)) problems.push(`${lang}: ${key} has ${forms} plural forms`)
  }
  for (const key of words.en.keys()) if (!words[lang].has(key)) problems.push(`${lang}: ${key} is missing`)
}

// The guide has the same parts in every language, each of the same shape, and names only words that are on the screen.
const shape = (text) => text.split('\n').map((l) => (l.startsWith('## ') ? l.split(':')[0] : l.startsWith('|') ? '|'.repeat(l.split('|').length) : l.startsWith('- ') ? '-' : l === '' ? '' : 't')).join('\n')
const guides = Object.fromEntries(languages.map((lang) => [lang, readFileSync(join(src, 'words', lang, 'help.md'), 'utf8')]))
for (const lang of languages) {
  const parts = [...guides[lang].matchAll(/^## (\w+):/gm)].map((m) => m[1])
  for (const part of new Set(parts.filter((p, i) => parts.indexOf(p) !== i))) problems.push(`${lang}: ${part} stands twice in help.md`)
  if (shape(guides[lang]) !== shape(guides.en)) problems.push(`${lang}: help.md has other parts than English`)
  const named = (text) => [...text.matchAll(/\{([\w.]+)\}/g)].map((m) => m[1]).sort()
  for (const key of named(guides[lang])) if (!words.en.has(key)) problems.push(`${lang}: help.md names ${key}, which nobody wrote`)
  if (named(guides[lang]).join() !== named(guides.en).join()) problems.push(`${lang}: help.md names other words of the screen than English`)
}

const areas = [...new Set([...words.en.keys()].map((k) => k.split('.')[0]))].join('|')
// Permissions and attribute names look like words but are not: they stand after can(, may:, v-if="can(.
const asked = new RegExp(`(?:\\bt\\(|\\btitle: |\\bwords: |\\blabel: |\\? | : )(['\`])((?:${areas})\\.[\\w.$\\{\\}]*)`, 'g')
function* files(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* files(path)
    else if (/\.(vue|ts)$/.test(name)) yield path
  }
}
const permission = /^\w+\.(record|bulk|health|read|correct|sealed|create|search|edit|erase|copy|basis|log|issue|update|manage|enrol|run)$/
for (const path of files(src)) {
  for (const [, , key] of readFileSync(path, 'utf8').matchAll(asked)) {
    const [fixed, open] = key.split('${')
    if (open !== undefined || fixed.endsWith('.')) {
      if (![...words.en.keys()].some((k) => k.startsWith(fixed))) problems.push(`${path.slice(src.length + 1)} asks for ${fixed}…, which nobody wrote`)
    } else if (!words.en.has(fixed) && !permission.test(fixed)) problems.push(`${path.slice(src.length + 1)} asks for ${fixed}, which nobody wrote`)
  }
}
if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exit(1)
}
console.log(`${words.en.size} words in ${languages.length} languages, all there.`)
