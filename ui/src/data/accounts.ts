import { call } from './client'
import type { Account, AccountEvent, Grant, Invitation } from './wire'

export const accounts = () => call<{ accounts: Account[] }>('GET', '/api/accounts')
/** invite answers the code once: nobody can read it again. */
export const invite = (given: { name: string; login: string; language: string; grants: Partial<Grant>[] }) => call<{ account: string; invitation: Invitation }>('POST', '/api/accounts', { body: given })
export const changeAccount = (id: string, change: { state?: string; unlock?: boolean }) => call<Account>('PATCH', `/api/accounts/${encodeURIComponent(id)}`, { body: change })
export const endSessions = (id: string) => call<void>('DELETE', `/api/accounts/${encodeURIComponent(id)}/sessions`)
/** inviteAgain gives a new code: whoever forgot the password or the PIN sets another one with it. */
export const inviteAgain = (id: string) => call<{ account: string; invitation: Invitation }>('POST', `/api/accounts/${encodeURIComponent(id)}/invitation`)
export const accountHistory = (id: string) => call<{ events: AccountEvent[] }>('GET', `/api/accounts/${encodeURIComponent(id)}/history`)
/** approve is the second pair of eyes on a role that waits. */
export const approve = (grant: string) => call<void>('POST', `/api/grants/${encodeURIComponent(grant)}/approval`)
