import { today } from '@/app/format'
import type { Age, Alike, PersonFile } from '@/data/wire'

export interface Row { field: 'name' | 'sex' | 'age' | 'languages' | 'seen'; here: string; there: string; same: boolean }
/** Words are how a screen says the values. */
export interface Words {
  name: (parts: string[] | undefined) => string
  sex: (code: string) => string
  age: (age: Age | null) => string
  languages: (codes: string[]) => string
  seen: (days: string[], point?: string) => string
}

/** rowsOf puts two files side by side. What nobody noted differs from nothing; nor do days, since a person is seen on many. */
export function rowsOf(file: PersonFile, other: Alike, words: Words): Row[] {
  const unsaid = (sex: string) => sex === '' || sex === 'U' || sex === 'N'
  const overlap = (a: Age | null, b: Age | null) => !a || !b || (a.low <= b.high && b.low <= a.high)
  const shared = (a: string[], b: string[]) => a.length === 0 || b.length === 0 || a.some((code) => b.includes(code))
  const folded = (parts: string[] | undefined) => (parts ?? []).join(' ').normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return [
    { field: 'name', here: words.name(file.name?.parts), there: words.name(other.name?.parts), same: folded(file.name?.parts) === folded(other.name?.parts) },
    { field: 'sex', here: words.sex(file.sex), there: words.sex(other.sex), same: file.sex === other.sex || unsaid(file.sex) || unsaid(other.sex) },
    { field: 'age', here: words.age(file.age), there: words.age(other.age), same: overlap(file.age, other.age) },
    { field: 'languages', here: words.languages(file.languages), there: words.languages(other.languages), same: shared(file.languages, other.languages) },
    { field: 'seen', here: words.seen([today(new Date(file.created))], file.point), there: words.seen([other.opened, ...(other.last_day ? [other.last_day] : [])], other.last_point ?? other.point), same: true },
  ]
}
