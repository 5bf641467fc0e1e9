// Whether the node can be reached, and the two ways that follow from it: reads ask the node and fall back to what the
// device keeps; writes are kept first and answered by the node when it is there.

import { reactive } from 'vue'
import { Problem } from './client'
import { dismiss, type Entry, type Recorded } from './outbox'

/** heard is when the node last answered anything, silent since when it does not. */
export const reach = reactive({ heard: 0, silentSince: 0 })
export const silent = () => reach.silentSince > 0 || navigator.onLine === false

/** askAgainAfter is how long a silent node is left alone by reads: the screen must not wait for the network at every tap. */
const askAgainAfter = 15_000
let asked = 0

/**
 * either answers from the node, or from the device when the node is silent, slow or closed. local answers undefined for
 * what is not here; then the node's own failure is what the screen says.
 */
export async function either<T>(remote: () => Promise<T>, local: () => Promise<T | undefined> | T | undefined): Promise<T> {
  if (silent() && Date.now() - asked < askAgainAfter) {
    const here = await local()
    if (here !== undefined) return here
  }
  asked = Date.now()
  try {
    return await remote()
  } catch (err) {
    if (!(err instanceof Problem) || !(err.status === 0 || err.status === 503 || err.status === 502 || err.status === 504) || err.code === 'desk.stopped') throw err
    const here = await local()
    if (here === undefined) throw err
    return here
  }
}

/** patience is how long a screen waits for the node's own answer to what is saved already. */
const patience = 2500

/**
 * settle waits for what a write answers: the node's answer when it comes soon, else what the device says itself. A
 * refusal that comes while the screen still stands is the screen's to show, and is taken off the list.
 */
export async function settle<T>(recorded: Recorded<T>, local: () => Promise<T | undefined> | T | undefined): Promise<T> {
  await recorded.saved.catch(() => {})
  const here = silent() ? await local() : undefined
  if (here !== undefined) return here
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), patience)))
  try {
    const first = await Promise.race([recorded.done.then((answer) => ({ answer })), late])
    if (first !== 'late') {
      if (first.answer !== undefined && first.answer !== null) return first.answer
      const own = await local()
      return own as T
    }
    const own = await local()
    return own !== undefined ? own : await recorded.done
  } catch (err) {
    if (recorded.entry.mark === 'attention') await dismiss(recorded.entry as Entry)
    throw err
  } finally {
    clearTimeout(timer)
  }
}
