import { daysBefore, today } from '@/app/format'
import type { Age, Basis, Day } from '@/data/wire'

/** Asking is a question that is put to somebody who has a file already. */
export interface Asking {
  purpose: 'file' | 'card' | 'sharing'
  /** consent, or one of the bases for which nobody can be asked; those need a reason. */
  basis: string
  answer: '' | 'yes' | 'no' | 'later'
  language: string
  how: 'spoken' | 'played' | 'written'
  by: 'self' | 'carer'
  reason: string
  recipient: string
  fields: string[]
  until: Day
}

/** sharable are the parts of a file that may be passed on by name. */
export const sharable = ['name', 'sex', 'age', 'languages', 'needs', 'services', 'companions']

/** asking is how a new question begins: passing on, for ninety days, nothing chosen for the person. */
export const asking = (language: string): Asking => ({
  purpose: 'sharing', basis: 'consent', answer: '', language, how: 'spoken', by: 'self', reason: '', recipient: '', fields: [], until: daysBefore(today(), -90),
})

/** mayBeChild: a carer can only answer for somebody who may be under 18. */
export const mayBeChild = (age: Age | null) => age !== null && age.low < 18

/** basisOf is what the node is told; what does not belong to the purpose or the basis is left out. */
export function basisOf(id: string, a: Asking): Basis {
  const consent = a.basis === 'consent'
  return {
    id, basis: a.basis, purpose: a.purpose, language: a.language, answer: consent ? a.answer : '',
    ...(consent ? { how: a.how, given_by: a.by } : { reason: a.reason.trim() }),
    ...(a.purpose === 'sharing' ? { recipient: a.recipient.trim(), fields: a.fields, until: a.until } : {}),
  }
}

/** ready tells whether everything is said that the node will ask for. */
export function ready(a: Asking): boolean {
  const told = a.purpose !== 'sharing' || (a.recipient.trim() !== '' && a.fields.length > 0 && a.until !== '')
  return told && (a.basis === 'consent' ? a.answer !== '' : a.reason.trim().length > 2)
}
