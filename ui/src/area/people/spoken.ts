import { label } from '@/app/language'
import type { Term } from '@/data/wire'

// Languages of the routes, each named by those who speak it, for a node whose lists name none.
const own: [string, string][] = [
  ['ha', 'Hausa'], ['fr', 'Français'], ['ar', 'العربية'], ['en', 'English'], ['ti', 'ትግርኛ'], ['am', 'አማርኛ'], ['so', 'Soomaali'], ['bm', 'Bamanankan'],
  ['ff', 'Fulfulde'], ['wo', 'Wolof'], ['kr', 'Kanuri'], ['tmh', 'Tamasheq'], ['es', 'Español'], ['ht', 'Kreyòl'], ['fa', 'فارسی'], ['ps', 'پښتو'], ['ur', 'اردو'], ['bn', 'বাংলা'],
]

/** spoken gives the languages to choose from: the node's list, or our own short one. */
export function spoken(terms: Term[]): { code: string; label: string }[] {
  return terms.length > 0 ? terms.map((term) => ({ code: term.code, label: label(term) })) : own.map(([code, name]) => ({ code, label: name }))
}
export const spokenName = (terms: Term[], code: string) => spoken(terms).find((s) => s.code === code)?.label ?? code
