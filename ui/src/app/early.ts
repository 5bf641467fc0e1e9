// What comes next is made ready while nobody waits. The screens of the work follow the first load, while somebody types a
// password. What scanning needs follows them: the reader of pictures is a megabyte that has to be compiled, and the first
// signature costs more than those after it. A card then shows its history within a second on a slow phone.

import { watch } from 'vue'
import { can, session } from './session'

type Idle = (fn: () => void, options?: { timeout: number }) => unknown
const idle: Idle = (globalThis as { requestIdleCallback?: Idle }).requestIdleCallback ?? ((fn) => setTimeout(fn, 2000))

let begun = false
export function startEarly(): void {
  // Without an answer nothing is lost: the first tap asks again.
  idle(() => void import('@/area/assist/serve.vue').catch(() => {}), { timeout: 3000 })
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
