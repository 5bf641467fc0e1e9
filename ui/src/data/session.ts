import { call } from './client'
import type { Me } from './wire'

export interface SignIn { login: string; password: string; totp?: string }

export const signIn = (who: SignIn) => call<Me>('POST', '/api/session', { body: who, quiet: true })
export const signOut = () => call<void>('DELETE', '/api/session', { quiet: true })
/** me rejects with status 401 when nobody is signed in. */
export const me = () => call<Me>('GET', '/api/me', { quiet: true })
export const setLanguage = (language: string) => call<Me>('PATCH', '/api/me', { body: { language } })
export const setPassword = (old_password: string, new_password: string) => call<void>('POST', '/api/me/password', { body: { old_password, new_password } })
export interface TotpStart { secret: string; url?: string }
export const startTotp = () => call<TotpStart>('POST', '/api/me/totp', { body: {} })
export const confirmTotp = (code: string) => call<void>('POST', '/api/me/totp/confirm', { body: { code } })
export interface Accept { code: string; login?: string; password: string }
export const acceptInvitation = (given: Accept) => call<Me | undefined>('POST', '/api/invitations/accept', { body: given, quiet: true })
