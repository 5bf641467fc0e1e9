// What scanning needs is made ready while nobody waits: the reader of pictures is a megabyte that has to be compiled, and
// the first signature costs more than those after it. A card then shows its history within a second on a slow phone.

import { watch } from 'vue'
import { can, session } from './session'

type Idle = (fn: () => void, options?: { timeout: number }) => unknown
const idle: Idle = (globalThis as { requestIdleCallback?: Idle }).requestIdleCallback ?? ((fn) => setTimeout(fn, 2000))

let begun = false
export function startEarly(): void {
  watch(
    () => session.me !== null && can('cards.read'),
    (reads) => {
      if (!reads || begun) return
      begun = true
      // One after the other, so that a tap in between is never behind both.
      idle(() => void import('@/area/cards/scanner').then((s) => s.load()).catch(() => (begun = false)).finally(() => idle(() => void import('@/data/card').then((c) => c.warm()).catch(() => {}))), { timeout: 10_000 })
    },
    { immediate: true },
  )
}
