import { t, worded } from '@/app/language'

/** warning is the sentence for a code of a card. */
export function warning(code: string): string {
  const key = 'cards.warning.' + code.replace(/^cards?\./, '').replaceAll('.', '_')
  return worded(key) ? t(key) : t('cards.warning.other', { code })
}
