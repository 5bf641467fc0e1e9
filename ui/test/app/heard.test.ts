import { nextTick } from 'vue'
import { beforeEach, describe, expect, it } from 'vitest'
import { startHeard } from '@/app/heard'
import { keep, kept } from '@/app/remember'
import { reach } from '@/data/reach'

describe('when the node was last heard', () => {
  beforeEach(() => (reach.heard = 0))
  it('is known again after the desk was closed', () => {
    keep('heard', Date.now() - 3_600_000)
    startHeard()
    expect(Date.now() - reach.heard).toBeGreaterThanOrEqual(3_600_000)
  })
  it('is not believed when it is still to come', () => {
    keep('heard', Date.now() + 86_400_000)
    startHeard()
    expect(reach.heard).toBe(0)
  })
  it('is kept, and not at every answer', async () => {
    startHeard()
    reach.heard = 1_000_000
    await nextTick()
    reach.heard = 1_001_000
    await nextTick()
    expect(kept('heard')).toBe(1_000_000)
    reach.heard = 1_020_000
    await nextTick()
    expect(kept('heard')).toBe(1_020_000)
  })
})
