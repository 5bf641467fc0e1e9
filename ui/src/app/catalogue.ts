// The catalogue and the lists, loaded once after sign-in: screens ask here for words and for what a point offers.

import { computed, shallowRef } from 'vue'
import * as remote from '@/data/lists'
import type { CatalogueService, ConsentText, Lists, Point, Services, Term } from '@/data/wire'
import { label, lang } from './language'

const services = shallowRef<Services | null>(null)
const lists = shallowRef<Lists | null>(null)
const byCode = computed(() => new Map(services.value?.services.map((s) => [s.code, s]) ?? []))

export async function loadCatalogue(): Promise<void> {
  const [s, l] = await Promise.all([remote.services(), remote.lists()])
  services.value = s
  lists.value = l
}
export function forgetCatalogue(): void {
  services.value = null
  lists.value = null
}
/** giveCatalogue is for tests and for what a device has kept. */
export function giveCatalogue(s: Services, l: Lists): void {
  services.value = s
  lists.value = l
}

export const allServices = computed(() => services.value?.services ?? [])
export const service = (code: string): CatalogueService | undefined => byCode.value.get(code)
export const serviceName = (code: string) => label(service(code), code)
/** An empty list before the catalogue is here: screens then show no choice, and still work. */
export function list<K extends keyof Lists>(name: K): Lists[K] extends (infer T)[] | undefined ? T[] : never {
  type Result = Lists[K] extends (infer T)[] | undefined ? T[] : never
  const found = lists.value?.[name]
  return (Array.isArray(found) ? found.filter((term) => !(term as Term).hidden) : []) as unknown as Result
}
export function termName(name: keyof Lists, code: string | undefined): string {
  const found = lists.value?.[name]
  return label(Array.isArray(found) ? (found as Term[]).find((term) => term.code === code) : undefined, code ?? '')
}
export const schemes = computed(() => lists.value?.schemes ?? lists.value?.age_schemes ?? [])

/** consent is the text to read aloud in the person's language; English where it does not exist yet. */
export function consent(language: string): { lang: string; text: ConsentText } | null {
  const texts = lists.value?.consent
  for (const code of [language, lang.value, 'en']) {
    const text = texts?.[code]
    if (text) return { lang: code, text }
  }
  return null
}

/**
 * offered splits the catalogue for one point: what it says it offers (a family stands for its services) or
 * has given from this device `before`, and the rest.
 * `mayHealth` adds services of class H. Sealed ones (S) never appear: they are only counted, without a person.
 */
export function offered(point: Pick<Point, 'services'> | null, mayHealth: boolean, before: string[] = []): { usual: CatalogueService[]; more: CatalogueService[] } {
  const open = allServices.value.filter((s) => !s.hidden && (s.seen === 'O' || (s.seen === 'H' && mayHealth)))
  const said = new Set(point?.services.map((s) => s.code) ?? [])
  // A point that says nothing offers everything, and not only what it gave first.
  const given = new Set(said.size > 0 ? before : [])
  const isUsual = (s: CatalogueService) => said.has(s.code) || said.has(s.family) || given.has(s.code)
  const usual = open.filter(isUsual)
  return usual.length > 0 ? { usual, more: open.filter((s) => !isUsual(s)) } : { usual: open, more: [] }
}
export const sealedServices = computed(() => allServices.value.filter((s) => !s.hidden && s.seen === 'S'))
