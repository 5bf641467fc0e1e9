import { call } from './client'
import { kept } from './local/shown'
import type { CatalogueService, Labels, Lists, Services } from './wire'

export const services = () => kept('services', () => call<Services>('GET', '/api/services'))
export const lists = () => kept('lists', () => call<Lists>('GET', '/api/lists'))
export const changeService = (code: string, change: { labels?: Labels; hidden?: boolean }) =>
  call<CatalogueService>('PATCH', `/api/services/${encodeURIComponent(code)}`, { body: change })
