import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { i18n, languages, useLanguage } from '@/app/language'
import HubPart from '@/area/accounts/settings/hub.vue'
import { Problem } from '@/data/client'
import type { Hub } from '@/data/wire'

const hub = vi.hoisted(() => vi.fn())
vi.mock('@/data/hub', async (original) => ({ ...(await original<object>()), hub }))
vi.mock('@/app/session', () => ({ can: () => true }))

const root = { sha256: Array.from({ length: 16 }, (_, i) => `AA${String(i).padStart(2, '0')}`).join(' '), words: ['river', 'lamp', 'stone', 'goat', 'salt', 'moon', 'tent', 'well'], number: '1234 5678 9012 3456 7890' }
const day = (n: number) => new Date(Date.now() + n * 86_400_000).toISOString()
const local = (more: Partial<Hub> = {}): Hub => ({ kind: 'local', names: ['agadez.local', '192.168.8.1'], from: day(-40), until: day(80), renewal: day(50), ends: day(3600), root, now: day(0), ...more })
async function open(given: Hub | Problem) {
  if (given instanceof Problem) hub.mockRejectedValue(given)
  else hub.mockResolvedValue(given)
  const part = mount(HubPart, { global: { plugins: [i18n] } })
  await flushPromises()
  return part
}
beforeEach(() => useLanguage('en', false))

describe('how devices reach the node', () => {
  it('says nothing when the node is silent, or does not know the question', async () => {
    expect((await open(new Problem('desk.offline', 0))).find('section').exists()).toBe(false)
    expect((await open(new Problem('web.not_found', 404))).find('section').exists()).toBe(false)
  })
  it('says what the node refuses', async () => expect((await open(new Problem('hub.broken', 500))).text()).not.toBe(''))
  it('shows address, words, number and fingerprint of a hub', async () => {
    const part = await open(local())
    for (const words of ['https://agadez.local', 'https://192.168.8.1', ...root.words, root.number]) expect(part.text()).toContain(words)
    expect(part.findAll('.hub-words li')).toHaveLength(8)
    expect(part.findAll('.notice')).toHaveLength(0)
  })
  it('marks the groups that are compared on a device', async () => {
    const marked = (await open(local())).findAll('.hub-print .compared').map((s) => s.text())
    expect(marked).toEqual(['AA00', 'AA01', 'AA02', 'AA03', 'AA12', 'AA13', 'AA14', 'AA15'])
  })
  it('has nothing to compare where the certificate is public', async () => {
    const part = await open(local({ kind: 'acme', names: ['help.example.org'], root: undefined, ends: undefined, renewal: undefined }))
    expect(part.text()).toContain('help.example.org')
    expect(part.find('details').exists()).toBe(false)
  })
  it('says on the machine itself that nobody else reaches it', async () => expect((await open({ kind: 'none', names: [], now: day(0) })).text()).toContain('only its own machine'))
  it('warns of another machine, in every language', async () => {
    for (const { code } of languages) {
      await useLanguage(code, false)
      const part = await open(local({ rivals: [{ name: 'agadez.local', address: '192.168.8.77', last: day(0) }] }))
      expect(part.find('.notice.bad').text()).toContain('192.168.8.77')
    }
  })
})
