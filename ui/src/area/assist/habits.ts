// What a point usually records, remembered on this device: forty people in a queue mostly get the same.

import { kept, keep } from '@/app/remember'
import type { Given } from '@/data/wire'

/** Details are what belongs to a contact besides its services. */
export interface Details { group: string; stage: string; direction: string; disability: string; repeat: string }

const usual: Details = { group: 'on_move', stage: 'transit', direction: 'unsaid', disability: 'not_asked', repeat: 'not_asked' }

/** detailsAt gives the usual answers of a point. Disability and repeats belong to one person and are never carried over: seeing is not asking. */
export function detailsAt(point: string): Details {
  return { ...usual, ...(kept<Partial<Details>>(`details.${point}`) ?? {}), disability: usual.disability, repeat: usual.repeat }
}
export function keepDetails(point: string, d: Details): void {
  keep(`details.${point}`, { group: d.group, stage: d.stage, direction: d.direction })
}

export function usualServices(point: string, screen: 'tally' | 'arrival'): Given[] {
  return kept<Given[]>(`services.${screen}.${point}`) ?? []
}
export function keepServices(point: string, screen: 'tally' | 'arrival', services: Given[]): void {
  keep(`services.${screen}.${point}`, services)
}

/** quantityOf is how much of a service this point gave last, 1 at first. */
export function quantityOf(point: string, code: string): number {
  return kept<Record<string, number>>(`quantities.${point}`)?.[code] ?? 1
}
export function keepQuantities(point: string, services: Given[]): void {
  const all = kept<Record<string, number>>(`quantities.${point}`) ?? {}
  for (const s of services) all[s.code] = s.quantity
  keep(`quantities.${point}`, all)
}
/** givenBefore are the services that this device has recorded for the point. */
export const givenBefore = (point: string) => Object.keys(kept<Record<string, number>>(`quantities.${point}`) ?? {})
