import { describe, expect, it } from 'vitest'
import { asking, basisOf, mayBeChild, ready } from '@/area/people/asking'

const sharing = { ...asking('ha'), recipient: ' Clinic ', fields: ['needs'], until: '2026-06-30' }

describe('a question to somebody who has a file', () => {
  it('needs an answer, and for passing on who is told, what, and until when', () => {
    expect(ready(sharing)).toBe(false)
    expect(ready({ ...sharing, answer: 'no' })).toBe(true)
    expect(ready({ ...sharing, answer: 'yes', recipient: ' ' })).toBe(false)
    expect(ready({ ...sharing, answer: 'yes', fields: [] })).toBe(false)
    expect(ready({ ...asking('ha'), purpose: 'card', answer: 'later' })).toBe(true)
  })
  it('needs a reason where nobody could be asked', () => {
    expect(ready({ ...sharing, basis: 'vital_interest' })).toBe(false)
    expect(ready({ ...sharing, basis: 'vital_interest', reason: 'unconscious' })).toBe(true)
  })
  it('is sent with what belongs to it alone', () => {
    expect(basisOf('b', { ...sharing, answer: 'yes' })).toEqual({
      id: 'b', basis: 'consent', purpose: 'sharing', language: 'ha', answer: 'yes', how: 'spoken', given_by: 'self', recipient: 'Clinic', fields: ['needs'], until: '2026-06-30',
    })
    expect(basisOf('b', { ...sharing, purpose: 'card', answer: 'later' })).toEqual({ id: 'b', basis: 'consent', purpose: 'card', language: 'ha', answer: 'later', how: 'spoken', given_by: 'self' })
    expect(basisOf('b', { ...sharing, purpose: 'file', basis: 'vital_interest', answer: 'yes', reason: ' unconscious ' })).toEqual({ id: 'b', basis: 'vital_interest', purpose: 'file', language: 'ha', answer: '', reason: 'unconscious' })
  })
  it('is answered by a carer only for somebody who may be under 18', () => {
    expect([mayBeChild(null), mayBeChild({ low: 17, high: 20, method: 'estimated' }), mayBeChild({ low: 18, high: 29, method: 'estimated' })]).toEqual([false, true, false])
  })
})
