import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { i18n, useLanguage } from '@/app/language'
import { session } from '@/app/session'
import Count from '@/area/stock/count.vue'
import Found from '@/area/stock/found.vue'
import Line from '@/area/stock/line.vue'
import { giveThings } from '@/area/stock/things'
import type { StockItems } from '@/data/wire'

const { recorded, told } = vi.hoisted(() => ({ recorded: [] as { lines: unknown }[], told: { point: 'p', at: '2026-03-10T12:00:00Z', coming: [], items: [{ item: 'soap', level: 12, counted: '2026-03-09T12:00:00Z', count_again: false, low_at: 0, low: false, given: 0, given_days: 14, days_left: null }] } }))
const known: StockItems = { kits: [], units: [], reasons: [], items: [{ code: 'soap', unit: 'piece', labels: { en: 'Soap' } }, { code: 'hat', unit: 'piece', labels: { en: 'Hat' } }, { code: 'old', unit: 'piece', labels: { en: 'Old' }, hidden: true }] }
vi.mock('@/data/stock', async (original) => ({
  ...(await original<object>()),
  items: async () => known,
  stock: async () => told,
  recordCount: (count: { lines: unknown }) => {
    recorded.push(count)
    return { entry: { mark: 'waiting' } }
  },
}))
const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', name: 'store', component: { template: '<p />' } }] })
const global = { plugins: [i18n, router] }
const open = async () => {
  const page = mount(Count, { global })
  await flushPromises()
  return page
}

beforeEach(() => {
  recorded.length = 0
  session.point = { id: 'p', code: 'P', name: 'Point' }
  giveThings(known)
})

describe('a count of the whole store', () => {
  it('records what was filled in and nothing that was left blank', async () => {
    const page = await open()
    expect(page.findAll('.found')).toHaveLength(2) // what is hidden is not offered
    expect(page.find('[data-do=record]').attributes('disabled')).toBeDefined()
    await page.find('.found input').setValue('٩')
    await page.find('.found input').trigger('change')
    await page.find('form').trigger('submit')
    expect(recorded).toMatchObject([{ point: 'p', lines: [{ item: 'soap', quantity: 9 }] }])
    expect(page.text()).toContain('1 item counted')
    expect(page.text()).toContain('3 fewer than the account')
  })
  it('takes nothing for a count: an empty shelf', async () => {
    const page = await open()
    await page.find('.found input').setValue('0')
    await page.find('.found input').trigger('change')
    await page.find('form').trigger('submit')
    expect(recorded).toMatchObject([{ lines: [{ item: 'soap', quantity: 0 }] }])
  })
  it('keeps what was typed when it is interrupted, and forgets it when it is recorded', async () => {
    const page = await open()
    await page.find('.found .same').trigger('click')
    page.unmount()
    const again = await open()
    expect((again.find('.found input').element as HTMLInputElement).value).toBe('12')
    await again.find('form').trigger('submit')
    await flushPromises()
    again.unmount()
    expect((await open()).find('.found input').element).toHaveProperty('value', '')
  })
})

describe('one item of it', () => {
  it('begins at the last level, and goes back to blank', async () => {
    const found = mount(Found, { props: { label: 'Soap', unit: 'piece', last: 12, modelValue: null, 'onUpdate:modelValue': (n: number | null) => found.setProps({ modelValue: n }) }, global })
    await found.findAll('button')[1]!.trigger('click')
    expect(found.props('modelValue')).toBe(13)
    await found.find('input').setValue('')
    await found.find('input').trigger('change')
    expect(found.props('modelValue')).toBe(null)
    await found.find('input').setValue('-3')
    await found.find('input').trigger('change')
    expect(found.props('modelValue')).toBe(null)
  })
})

describe('a line of the store', () => {
  it('says in words what its colours say, in every language', async () => {
    const level = { ...told.items[0]!, item: 'soap', level: -4, count_again: true, low_at: 5, low: true, days_left: 0 }
    for (const [code, words] of [['en', ['Count again', 'Low, mark 5']], ['fr', ['À recompter', 'Bas, seuil 5']], ['ar', ['أعد الجرد', 'الحد 5']], ['es', ['Contar otra vez', 'aviso en 5']]] as const) {
      await useLanguage(code, false)
      const text = mount(Line, { props: { level }, global }).text()
      for (const word of words) expect(text).toContain(word)
    }
  })
})
