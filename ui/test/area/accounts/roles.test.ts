import { beforeEach, describe, expect, it } from 'vitest'
import { mayApprove, seatName } from '@/area/accounts/roles'
import { useLanguage } from '@/app/language'
import { session } from '@/app/session'
import type { Account, Held, Me } from '@/data/wire'

const held = (more: Partial<Held> = {}): Held => ({ id: 'g', role: 'administrator', organisation: 'o', pending: true, asked_by: 'asker', ...more })
const account = { id: 'receiver', grants: [] } as unknown as Account
const at = (id: string, permissions = ['accounts.manage']) => {
  session.me = { account: { id }, permissions, points: [{ id: 'p', code: 'NE-AGZ', name: 'Agadez' }], node: { id: 'n' }, session: {} } as unknown as Me
}

describe('the second pair of eyes', () => {
  beforeEach(() => at('third'))
  it('is another administrator', () => expect(mayApprove(held(), account)).toBe(true))
  it('is not whoever asked for the role', () => (at('asker'), expect(mayApprove(held(), account)).toBe(false)))
  it('is not whoever receives it', () => (at('receiver'), expect(mayApprove(held(), account)).toBe(false)))
  it('is not a lead', () => (at('third', ['accounts.enrol']), expect(mayApprove(held(), account)).toBe(false)))
  it('has nothing to do with a role that counts already', () => expect(mayApprove(held({ pending: false }), account)).toBe(false))
})

describe('a role', () => {
  it('is named with its point', async () => {
    await useLanguage('en')
    at('third')
    expect(seatName(held({ role: 'volunteer', point: 'p' }))).toBe('Volunteer, Agadez')
    expect(seatName(held({ role: 'of_tomorrow' }))).toBe('of_tomorrow')
  })
})
