// The languages of the desk: words load as one file per language, switch without a reload, and bring their direction,
// plurals, dates and numbers along. Digits are 0-9 in every language, which is what stands on forms and phones here, until
// somebody chooses others.

import { computed } from 'vue'
import { createI18n } from 'vue-i18n'
import type { Labels, Lang } from '@/data/wire'
import { asDigits } from './digits'
import { kept, keep } from './remember'

export const languages: { code: Lang; name: string; dir: 'ltr' | 'rtl' }[] = [
  { code: 'en', name: 'English', dir: 'ltr' },
  { code: 'fr', name: 'Français', dir: 'ltr' },
  { code: 'ar', name: 'العربية', dir: 'rtl' },
  { code: 'es', name: 'Español', dir: 'ltr' },
]

/** The plural forms that each language's messages hold, in the order in which they are written, separated by |. */
const forms: Record<Lang, Intl.LDMLPluralRule[]> = {
  en: ['one', 'other'],
  fr: ['one', 'other'],
  es: ['one', 'other'],
  ar: ['zero', 'one', 'two', 'few', 'many', 'other'],
}

/** pluralForm is the place of n's form among the forms of a message (CLDR); a message with fewer forms answers with its last. */
export function pluralForm(lang: Lang, n: number, count: number): number {
  const place = forms[lang].indexOf(new Intl.PluralRules(lang).select(n))
  return Math.min(place < 0 ? forms[lang].length - 1 : place, count - 1)
}

/** unbroken keeps the signs that French sets apart from a word on the line of that word. */
export const unbroken = (text: string) => text.replace(/ (?=[:;?!»])|(?<=«) /g, '\u00a0')

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: {} as Record<string, Record<string, never>>,
  missingWarn: import.meta.env.DEV,
  fallbackWarn: false,
  postTranslation: (said) => (typeof said === 'string' ? unbroken(asDigits(said)) : said),
  pluralRules: Object.fromEntries(languages.map((l) => [l.code, (n: number, count: number) => pluralForm(l.code, n, count)])),
})

const load: Record<Lang, () => Promise<{ default: Record<string, unknown> }>> = {
  en: () => import('@/words/en'),
  fr: () => import('@/words/fr'),
  ar: () => import('@/words/ar'),
  es: () => import('@/words/es'),
}

export const lang = computed<Lang>(() => i18n.global.locale.value as Lang)
export const direction = computed(() => languages.find((l) => l.code === lang.value)!.dir)
export const t = i18n.global.t as (key: string, named?: Record<string, unknown>, plural?: number) => string
/** worded tells whether there is a word for a key: codes come from nodes that may be newer than this desk. */
export const worded = i18n.global.te as (key: string) => boolean

const isLang = (code: string | null | undefined): code is Lang => languages.some((l) => l.code === code)

/** useLanguage loads the words first, so that no screen is ever half in one language. */
export async function useLanguage(code: string, remember = true): Promise<void> {
  if (!isLang(code)) return
  if (!i18n.global.availableLocales.includes(code)) {
    i18n.global.setLocaleMessage(code, (await load[code]()).default as Record<string, never>)
  }
  i18n.global.locale.value = code
  document.documentElement.lang = code
  document.documentElement.dir = direction.value
  if (remember) keep('language', code)
}

export async function startLanguage(): Promise<void> {
  const wished = [kept<string>('language'), ...navigator.languages.map((l) => l.slice(0, 2))].find((l) => isLang(l)) ?? 'en'
  await useLanguage(wished, false)
}

/** languageChosen tells whether somebody has chosen on this device before: if not, sign-in asks for the language first. */
export const languageChosen = () => isLang(kept<string>('language'))

/** label is the word of a list in the screen's language, English when that is missing, and the code when even that is. */
export function label(term: { code?: string; labels?: Labels } | undefined, code = ''): string {
  return term?.labels?.[lang.value] ?? term?.labels?.en ?? term?.code ?? code
}
