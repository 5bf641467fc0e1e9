import { call } from './client'
import type { Account, AccountEvent, DeviceKey, Grant, Invitation } from './wire'

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
/** ownKeys are the keys with which devices sign what the own account does without a network. */
export const ownKeys = () => call<{ keys: DeviceKey[] }>('GET', '/api/me/device-keys')
/** endOwnKey: what the device signed and the node does not have yet is refused until the same person signs in there again. */
export const endOwnKey = (signer: string) => call<void>('DELETE', `/api/me/device-keys/${encodeURIComponent(signer)}`)
/** endKeys ends what all devices of a person may send; endSessions ends what they may read. */
export const endKeys = (id: string) => call<void>('DELETE', `/api/accounts/${encodeURIComponent(id)}/device-keys`)
