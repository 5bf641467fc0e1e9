// Room on this device. A browser may throw away what a page stored when the device is full, unless it promised not to.

import { computed, reactive, watch } from 'vue'
import { unsaved } from '@/data/outbox'
import { session } from './session'

const state = reactive({
  used: 0,
  /** 0 when the browser does not tell how much there is. */
  whole: 0,
  known: false,
  kept: false,
  /** Something could not be kept for want of room. */
  full: false,
})
export const room = state

/** Less than this, and a long day or a picture may not fit any more. */
const least = 50 * 2 ** 20
export const isShort = (used: number, whole: number) => whole > 0 && (whole - used < least || used / whole > 0.9)
export const roomIsShort = computed(() => state.full || (state.known && isShort(state.used, state.whole)))
/** Against being recognised by it, Chromium calls every device so much larger than what is used; then only a refusal tells the truth. */
const fiction = 10 * 2 ** 30

/** isFull is told by whoever was refused room; it is believed until something is kept again. */
export function isFull(yes: boolean): void {
  state.full = yes
}

/** lookAtRoom measures anew; a browser that does not tell leaves everything unknown, and nothing is warned about. */
export async function lookAtRoom(): Promise<void> {
  try {
    const { usage, quota } = await navigator.storage.estimate()
    state.used = usage ?? 0
    state.whole = quota === undefined || quota - (usage ?? 0) === fiction ? 0 : quota
    state.known = usage !== undefined
    state.kept = await navigator.storage.persisted()
  } catch {
    state.known = false
  }
}

/** askToKeep asks the browser not to throw this desk away. Some ask the person, so it is done when a reason is plain: somebody has just signed in. */
export async function askToKeep(): Promise<boolean> {
  try {
    state.kept = (await navigator.storage.persisted()) || (await navigator.storage.persist())
  } catch {
    state.kept = false
  }
  return state.kept
}

export function startStorage(): void {
  // What the queue could not keep is the surest sign of a full device; the browser's own estimate is a polite guess.
  watch(() => unsaved.value > 0 && session.me !== null, isFull)
  watch(
    () => session.me?.account.id,
    (id) => {
      if (id) void askToKeep().then(lookAtRoom)
    },
    { immediate: true },
  )
}
