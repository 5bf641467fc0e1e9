import type { FileChanges, PersonFile } from '@/data/wire'

export type Editable = Pick<PersonFile, 'name' | 'sex' | 'age' | 'languages' | 'interpreter' | 'needs'>

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/**
 * changesOf is what an edit says to the node: only the fields that differ, each with the edits it replaces. An edit made
 * elsewhere in the meantime is then a conflict that both can see, and not an edit lost.
 */
export function changesOf(file: PersonFile, now: Editable): FileChanges {
  const changes: FileChanges = {}
  const heads = (field: string) => file.heads?.[field] ?? []
  if (!same(now.name?.parts ?? [], file.name?.parts ?? [])) changes.name = { ...(now.name ? { value: now.name } : {}), replaces: heads('name') }
  if (now.sex !== file.sex) changes.sex = { value: now.sex, replaces: heads('sex') }
  if (!same(now.age, file.age)) changes.age = { ...(now.age ? { value: now.age } : {}), replaces: heads('age') }
  if (!same(now.languages, file.languages)) changes.languages = { value: now.languages, replaces: heads('languages') }
  if (now.interpreter !== file.interpreter) changes.interpreter = { value: now.interpreter, replaces: heads('interpreter') }
  const added = now.needs.filter((n) => !file.needs.includes(n))
  const removed = file.needs.filter((n) => !now.needs.includes(n))
  if (added.length) changes.needs_add = added
  if (removed.length) changes.needs_remove = removed
  return changes
}
