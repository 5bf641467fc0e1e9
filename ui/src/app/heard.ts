// When the node last answered is remembered over a closed desk: what is shown of people after a cold start without a
// network is as old as that, and the bar says so.

import { watch } from 'vue'
import { reach } from '@/data/reach'
import { keep, kept } from './remember'

/** The moment is written at most this often: the bar speaks in minutes, and every writing wakes the memory of a cheap phone. */
const atMost = 15_000

export function startHeard(): void {
  const before = kept<number>('heard')
  // A clock that was set back meanwhile would make it a moment to come.
  if (typeof before === 'number' && before <= Date.now() && reach.heard === 0) reach.heard = before
  let written = 0
  watch(
    () => reach.heard,
    (at) => {
      if (at - written < atMost && at >= written) return
      written = at
      keep('heard', at)
    },
  )
}
