import { mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { i18n, useLanguage } from '@/app/language'
import Columns from '@/kit/columns.vue'
import Filled from '@/kit/filled.vue'
import Pyramid from '@/kit/pyramid.vue'
import Spark from '@/kit/spark.vue'

const global = { plugins: [i18n] }
beforeEach(() => useLanguage('en', false))

describe('a spark line', () => {
  const spark = (values: (number | null)[]) => mount(Spark, { props: { values, label: 'a week' }, global })
  it('has words for who does not see it', () => expect(spark([1, 2]).find('svg').attributes()).toMatchObject({ role: 'img', 'aria-label': 'a week' }))
  it('breaks where nothing was reported, and draws no zero there', () => {
    const s = spark([3, 4, null, null, 5, 6, 7])
    expect(s.findAll('polyline').map((p) => p.attributes('points')!.split(' ').length)).toEqual([2, 3])
  })
  it('draws a day between two gaps as a dot', () => expect(spark([null, 5, null]).findAll('circle:not(.last)')).toHaveLength(1))
  it('stays empty when nothing was reported', () => expect(spark([null, null]).findAll('polyline, circle')).toHaveLength(0))
  it('runs from the right where the language does', async () => {
    const first = (s: ReturnType<typeof spark>) => Number(s.find('polyline').attributes('points')!.split(',')[0])
    const ltr = first(spark([1, 2, 3]))
    await useLanguage('ar', false)
    expect(first(spark([1, 2, 3]))).toBeGreaterThan(ltr)
  })
  it('uses no inline style, which the policy of the page forbids', () => expect(spark([1, 2]).html()).not.toContain('style='))
})

describe('a bar of what is taken', () => {
  it('never grows over its end, and says when more is taken than there is', () => {
    const over = mount(Filled, { props: { taken: 30, all: 12, label: '30 of 12' }, global })
    expect(over.find('.fill').attributes('width')).toBe('100')
    expect(over.find('.mark').exists()).toBe(true)
    expect(mount(Filled, { props: { taken: 3, all: 12, label: '' }, global }).find('.fill').attributes('width')).toBe('25')
  })
})

describe('columns', () => {
  it('leave a gap for a day of which nothing is said', () => {
    const c = mount(Columns, { props: { label: 'days', rows: [{ name: 'a', value: 4 }, { name: 'b', value: null }, { name: 'c', value: 8 }] }, global })
    expect(c.findAll('rect').map((r) => r.attributes('height'))).toEqual(['45', '90'])
  })
})

describe('a pyramid', () => {
  it('grows from the middle to both sides', () => {
    const p = mount(Pyramid, { props: { label: 'ages', left: 'Women', right: 'Men', rows: [{ name: '18-29', left: 5, right: 10 }] }, global })
    expect(p.find('.one').attributes()).toMatchObject({ x: '50', width: '50' })
    expect(p.find('.two').attributes()).toMatchObject({ x: '0', width: '100' })
  })
})
