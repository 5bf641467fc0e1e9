import { Problem } from '@/data/client'
import { t, worded } from './language'

/**
 * say is the sentence for a problem: our own words for its code, else for its class (cards.*, 404), and the node's words
 * after that, so that a code this desk does not know yet is still explained.
 */
export function say(err: unknown): string {
  if (!(err instanceof Problem)) return t('problem.desk_bug')
  const key = 'problem.' + err.code.replaceAll('.', '_')
  const own = worded(key) ? t(key) : worded(`problem.http_${err.status}`) ? t(`problem.http_${err.status}`) : t('problem.other', { code: err.code })
  // A field that says no more than the whole would only say it twice.
  const fields = err.errors.filter((e) => e.code !== err.code).map((e) => sayField(e))
  return [own, err.detail && !worded(key) ? err.detail : '', ...fields].filter(Boolean).join(' ')
}

function sayField(e: { field: string; code: string; detail?: string }): string {
  const key = 'problem.' + e.code.replaceAll('.', '_')
  const words = worded(key) ? t(key) : (e.detail ?? e.code)
  return `${e.field.replace(/^body\./, '')}: ${words}`
}
