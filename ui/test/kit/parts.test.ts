import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { i18n } from '@/app/language'
import Choice from '@/kit/choice.vue'
import Mark from '@/kit/mark.vue'
import Stepper from '@/kit/stepper.vue'

const global = { plugins: [i18n] }
const options = [{ code: 'a', label: 'A' }, { code: 'b', label: 'B' }]

describe('a choice', () => {
  it('of one answer is a group of radios', async () => {
    const choice = mount(Choice, { props: { legend: 'Which', options, modelValue: 'a' } })
    await choice.findAll('input')[1]!.trigger('change')
    expect(choice.findAll('input')[0]!.attributes('type')).toBe('radio')
    expect(choice.emitted('update:modelValue')).toEqual([['b']])
    expect(choice.find('legend').text()).toBe('Which')
  })
  it('of several takes and gives back', async () => {
    const choice = mount(Choice, { props: { legend: 'Which', options, multiple: true, modelValue: ['a'] as string[] } })
    await choice.findAll('input')[0]!.trigger('change')
    await choice.setProps({ modelValue: ['a'] })
    await choice.findAll('input')[1]!.trigger('change')
    expect(choice.emitted('update:modelValue')).toEqual([[[]], [['a', 'b']]])
  })
})

describe('a stepper', () => {
  it('counts up and down, and stops at its ends', async () => {
    const stepper = mount(Stepper, { props: { label: 'Woman', modelValue: 0, leap: 10, max: 15, 'onUpdate:modelValue': (n: number) => stepper.setProps({ modelValue: n }) }, global })
    const [less, more, leap] = stepper.findAll('button')
    expect(less!.attributes('disabled')).toBeDefined()
    await more!.trigger('click')
    await leap!.trigger('click')
    await leap!.trigger('click')
    expect(stepper.props('modelValue')).toBe(15)
    await less!.trigger('click')
    expect(stepper.props('modelValue')).toBe(14)
  })
  it('takes a typed number and nothing else', async () => {
    const stepper = mount(Stepper, { props: { label: 'Woman', modelValue: 3, 'onUpdate:modelValue': (n: number) => stepper.setProps({ modelValue: n }) }, global })
    await stepper.find('input').setValue('60')
    expect(stepper.props('modelValue')).toBe(60)
    await stepper.find('input').setValue('many')
    expect(stepper.props('modelValue')).toBe(0)
  })
})

describe('a mark', () => {
  for (const [mark, words] of [['waiting', 'Saved on this device'], ['sent', 'Sent'], ['attention', 'Needs attention']] as const) {
    it(`says "${words}" in words, beside its drawing`, () => expect(mount(Mark, { props: { mark }, global }).text()).toBe(words))
  }
})
