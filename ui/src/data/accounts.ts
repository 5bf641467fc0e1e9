import { call } from './client'
import type { Account, Grant, Invitation } from './wire'

export const accounts = () => call<{ accounts: Account[] }>('GET', '/api/accounts')
/** invite answers the code once: nobody can read it again. */
export const invite = (given: { name: string; login: string; language: string; grants: Partial<Grant>[] }) => call<{ account: string; invitation: Invitation }>('POST', '/api/accounts', { body: given })
export const changeAccount = (id: string, change: { state?: string }) => call<Account>('PATCH', `/api/accounts/${encodeURIComponent(id)}`, { body: change })
export const endSessions = (id: string) => call<void>('DELETE', `/api/accounts/${encodeURIComponent(id)}/sessions`)
