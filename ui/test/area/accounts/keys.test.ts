import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { i18n } from '@/app/language'
import Keys from '@/area/accounts/settings/keys.vue'
import One from '@/area/accounts/one.vue'
import { Problem } from '@/data/client'
import type { Account } from '@/data/wire'

const calls = vi.hoisted(() => ({ ownKeys: vi.fn(), endOwnKey: vi.fn(), endKeys: vi.fn(), endSessions: vi.fn() }))
vi.mock('@/data/accounts', async (original) => ({ ...(await original<object>()), ...calls }))
vi.mock('@/data/vault', () => ({ signer: () => ({ signer: { id: 'here' } }) }))
vi.mock('@/app/session', () => ({ can: (p: string) => p === 'accounts.enrol', session: { me: { account: { id: 'lead' } } } }))
// happy-dom has the element and not its doors.
HTMLDialogElement.prototype.showModal ??= function () {}

const key = (signer: string, more = {}) => ({ signer, created: '2026-03-01T08:00:00Z', until: '2026-03-31T08:00:00Z', ...more })
const global = { plugins: [i18n] }
beforeEach(() => {
  vi.clearAllMocks()
  calls.ownKeys.mockResolvedValue({ keys: [key('there', { device: 'd', last_used: '2026-03-09T08:00:00Z' }), key('here')] })
})

describe('the devices that send for a worker', () => {
  it('are not shown without the node', async () => {
    calls.ownKeys.mockRejectedValue(new Problem('desk.offline', 0))
    const part = mount(Keys, { global })
    await flushPromises()
    expect(part.find('section').exists()).toBe(false)
  })
  it('begin with this one', async () => {
    const part = mount(Keys, { global })
    await flushPromises()
    expect(part.findAll('li .strong').map((e) => e.text())).toEqual(['This device', 'A device of the point'])
  })
  it('end after the question, and not before', async () => {
    const part = mount(Keys, { global })
    await flushPromises()
    await part.findAll('[data-do=end-key]')[1]!.trigger('click')
    expect(part.text()).toContain('Tell your lead')
    expect(calls.endOwnKey).not.toHaveBeenCalled()
    await part.find('[data-do=end-key-now]').trigger('click')
    expect(calls.endOwnKey).toHaveBeenCalledWith('there')
  })
})

describe('the account of somebody else', () => {
  const account: Account = { id: 'a', name: 'Amina', login: 'amina', state: 'active', grants: [] }
  it('is signed out without losing work', async () => {
    const part = mount(One, { props: { account }, global })
    await part.find('[data-do=end-sessions]').trigger('click')
    expect(part.text()).toContain('nothing is lost')
    await part.find('[data-do=end-now]').trigger('click')
    expect(calls.endSessions).toHaveBeenCalledWith('a')
    expect(calls.endKeys).not.toHaveBeenCalled()
  })
  it('has its unsent work refused apart from that', async () => {
    const part = mount(One, { props: { account }, global })
    await part.find('[data-do=end-keys]').trigger('click')
    expect(part.text()).toContain('no longer arrives')
    expect(calls.endKeys).not.toHaveBeenCalled()
    await part.find('[data-do=end-now]').trigger('click')
    expect(calls.endKeys).toHaveBeenCalledWith('a')
    expect(calls.endSessions).not.toHaveBeenCalled()
  })
})
