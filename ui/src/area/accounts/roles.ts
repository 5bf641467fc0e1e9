import { listed } from '@/app/format'
import { t, worded } from '@/app/language'
import { can, session } from '@/app/session'
import type { Account, Grant, Held } from '@/data/wire'

export const roles = ['volunteer', 'point_lead', 'health_worker', 'case_worker', 'protection_officer', 'programme_manager', 'data_protection_officer', 'family_links_officer', 'storekeeper', 'cash_officer', 'cash_approver', 'monitoring_officer', 'administrator']

export const roleName = (role: string) => (worded(`accounts.role.${role}`) ? t(`accounts.role.${role}`) : role)

/** seatName is a role and its point; the name of a point that this account does not work at is left out. */
export const seatName = (g: Grant) => listed([roleName(g.role), session.me?.points.find((p) => p.id === g.point)?.name ?? ''].filter(Boolean))

/** mayApprove: the second pair of eyes is neither whoever asked for the role nor whoever receives it. The node decides the same. */
export function mayApprove(h: Held, account: Account): boolean {
  const own = session.me?.account.id
  return Boolean(h.pending) && can('accounts.manage') && own !== h.asked_by && own !== account.id
}
