// Who is at this desk, at which point, and whether personal screens are open to be looked at.

import { computed, reactive, watch } from 'vue'
import { connect, Problem } from '@/data/client'
import * as outbox from '@/data/outbox'
import * as remote from '@/data/session'
import type { Me, Named } from '@/data/wire'
import { forgetCatalogue, loadCatalogue } from './catalogue'
import { byDevice } from './device'
import { languageChosen, useLanguage } from './language'
import { kept, keep } from './remember'

/** Personal screens lock after this long without a touch; the tally stays usable. */
export const lockAfter = 3 * 60_000

interface Waiting { resolve: () => void; reject: (err: Problem) => void }
const state = reactive({
  me: null as Me | null,
  point: null as Named | null,
  looked: false,
  locked: false,
  /** The session ran out in the middle of work: whoever is here signs in again above the screen. */
  again: false,
  heard: 0,
  silent: false,
})
let waiting: Waiting[] = []
let looking: Promise<void> | null = null

export const session = state
export const can = (permission: string) => state.me?.permissions.includes(permission) ?? false
export const here = computed(() => state.point?.id ?? '')
/** byPin tells that this session was opened with a PIN, and so is opened again with it. */
export const byPin = computed(() => Boolean(state.me?.session.device))
export const organisation = computed(() => state.me?.organisation.name ?? '')

export function startSession(): void {
  connect({
    signedOut: () =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ resolve, reject })
        state.again = true
      }),
    heard: (at) => {
      const back = state.silent
      state.heard = at
      state.silent = false
      if (back) outbox.again()
    },
    silent: () => (state.silent = true),
  })
  addEventListener('online', () => outbox.again())
  addEventListener('beforeunload', (event) => {
    if (outbox.unsent.value > 0) event.preventDefault()
  })
  let last = Date.now()
  const touched = () => (last = Date.now())
  for (const kind of ['pointerdown', 'keydown', 'wheel', 'touchmove']) addEventListener(kind, touched, { passive: true })
  setInterval(() => {
    if (state.me && !state.locked && Date.now() - last > lockAfter) lock()
  }, 5000)
}

/** look asks the node once whether somebody is signed in already. */
export function look(): Promise<void> {
  looking ??= remote.me().then(enter, () => {}).finally(() => (state.looked = true))
  return looking
}

async function enter(me: Me): Promise<void> {
  state.me = me
  state.looked = true
  const last = kept<string>('point')
  state.point = me.points.find((p) => p.id === last) ?? (me.points.length === 1 ? me.points[0]! : null)
  if (!languageChosen()) await useLanguage(me.account.language, false)
  await loadCatalogue().catch(() => {})
}

export async function signIn(who: remote.SignIn): Promise<void> {
  await enter(await remote.signIn(who))
}

/** signInAgain is for the same person, above an unfinished screen; somebody else starts from an empty desk. */
export async function signInAgain(secret: string, totp?: string): Promise<void> {
  const before = state.me
  const login = before?.account.login ?? ''
  const me = await remote.signIn(byPin.value ? { login, pin: secret, ...byDevice() } : { login, password: secret, totp })
  state.me = me
  state.locked = false
  state.again = false
  const held = waiting
  waiting = []
  for (const w of held) w.resolve()
  outbox.again()
}

export async function signOut(): Promise<void> {
  await remote.signOut().catch(() => {})
  leave()
}

/** leave empties the desk on this device, whatever the node answers. */
export function leave(): void {
  const held = waiting
  waiting = []
  for (const w of held) w.reject(new Problem('web.signed_out', 401))
  Object.assign(state, { me: null, point: null, locked: false, again: false, looked: true })
  looking = Promise.resolve()
  outbox.clear()
  forgetCatalogue()
}

/** hasFactor takes over what changed for this session when its second factor began to count. */
export function hasFactor(me: Me): void {
  if (state.me) Object.assign(state.me, { session: me.session, grants: me.grants, permissions: me.permissions })
}

export function choosePoint(point: Named): void {
  state.point = point
  keep('point', point.id)
}

export function lock(): void {
  state.locked = true
}

watch(
  () => state.me?.node.id,
  (node, before) => {
    // Another node behind the same address is another memory: nothing of the first may be sent to it.
    if (node && before && node !== before) outbox.clear()
  },
)
