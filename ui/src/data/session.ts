import { call } from './client'
import type { Me } from './wire'

/** SignIn is a password, with the code of the second factor where there is one; or a PIN on an enrolled device. */
export interface SignIn { login: string; password?: string; totp?: string; pin?: string; device?: string; device_secret?: string }

/** signIn opens a session and then asks who that is: only the second answer knows the points and the node. */
export async function signIn(who: SignIn): Promise<Me> {
  await call<unknown>('POST', '/api/session', { body: who, quiet: true })
  return me()
}
export const signOut = () => call<void>('DELETE', '/api/session', { quiet: true })
/** me rejects with status 401 when nobody is signed in. */
export const me = () => call<Me>('GET', '/api/me', { quiet: true })
export const setLanguage = (language: string) => call<Me>('PATCH', '/api/me', { body: { language } })
export const setPassword = (password: string, next: string) => call<void>('POST', '/api/me/password', { body: { password, new: next } })
export interface TotpStart { secret: string; url?: string }
/** startTotp draws a second factor; totp is a code of the present one, where there is one. It counts once confirmTotp has seen a code of it. */
export const startTotp = (password: string, totp?: string) => call<TotpStart>('POST', '/api/me/totp', { body: { password, totp } })
export const confirmTotp = (totp: string) => call<Me>('POST', '/api/me/totp/confirm', { body: { totp } })
/** Accept sets a password, or a PIN for the enrolled device it is sent from. */
export interface Accept { code: string; login?: string; password?: string; pin?: string; device?: string; device_secret?: string }
export const acceptInvitation = (given: Accept) => call<{ account: Me['account'] }>('POST', '/api/invitations/accept', { body: given, quiet: true })
