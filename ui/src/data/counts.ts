import { call } from './client'
import { remembered } from './local/share'
import type { Counts, Day } from './wire'

export interface CountQuery { from: Day; to: Day; by: string; scheme?: string; point?: string }
export const counts = (query: CountQuery) => 
  remembered(`counts/${query.by}/${query.scheme ?? ''}/${query.point ?? ''}`, () => call<Counts>('GET', '/api/counts', { query: { ...query }, timeout: 60_000 }))
