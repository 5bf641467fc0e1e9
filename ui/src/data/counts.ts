import { call } from './client'
import type { Counts, Day } from './wire'

export interface CountQuery { from: Day; to: Day; by: string; scheme?: string; point?: string }
export const counts = (query: CountQuery) => call<Counts>('GET', '/api/counts', { query: { ...query }, timeout: 60_000 })
