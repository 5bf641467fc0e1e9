// Who is at this desk, at which point, and whether personal screens are open to be looked at. The node says who somebody
// is when it can be heard; the vault on this device says it when the node is silent.

import { computed, reactive, ref, watch } from 'vue'
import { call, connect, Problem } from '@/data/client'
import { now } from '@/data/clock'
import { forgetCards, refreshCards } from '@/data/local/cards'
import * as share from '@/data/local/share'
import * as outbox from '@/data/outbox'
import { reach } from '@/data/reach'
import * as remote from '@/data/session'
import { erase } from '@/data/store'
import * as vault from '@/data/vault'
import type { Me, Named } from '@/data/wire'
import { forgetCatalogue, list, loadCatalogue } from './catalogue'
import { byDevice } from './device'
import { today } from './format'
import { languageChosen, useLanguage } from './language'
import { kept, keep } from './remember'
import { nobody } from './subject'

/** Personal screens lock after this long without a touch; the tally stays usable. */
export const lockAfter = 3 * 60_000
/** The share is brought up to date this often while the node answers. */
const refreshEach = 4 * 60_000

interface Waiting { resolve: () => void; reject: (err: Problem) => void }
const state = reactive({
  me: null as Me | null,
  point: null as Named | null,
  looked: false,
  locked: false,
  /** The session ran out in the middle of work: whoever is here signs in again above the screen. */
  again: false,
  /** The node has not confirmed who this is since the desk was opened: the vault has. */
  offline: false,
  /** heard is when the node last answered; silent that it does not answer now. */
  get heard() { return reach.heard },
  get silent() { return reach.silentSince > 0 },
  /** checkpoint is when all keys were dropped on this device, 0 when they were not. */
  checkpoint: 0,
})
let waiting: Waiting[] = []
let looking: Promise<void> | null = null

export const session = state
export const can = (permission: string) => state.me?.permissions.includes(permission) ?? false
export const here = computed(() => state.point?.id ?? '')
/** byPin tells that this session was opened with a PIN, and so is opened again with it. */
export const byPin = computed(() => Boolean(state.me?.session.device))
export const organisation = computed(() => state.me?.organisation.name ?? '')

const asksAgain = (what: 'again' | 'locked') =>
  new Promise<void>((resolve, reject) => {
    waiting.push({ resolve, reject })
    state[what] = true
  })

/**
 * The cookie of a session cannot be taken back from here, and a silent node does not end it. What was left is remembered
 * until the node has ended it: nobody at this tablet reads with the rights of whoever was here before.
 */
const leftBehind = 'left'
let ending: Promise<void> | null = null
async function endFirst(): Promise<void> {
  if (!kept(leftBehind)) return ofAnother()
  ending ??= remote.signOut()
    .catch((err: unknown) => {
      // Already ended is as good; a node that is silent or busy is asked again, and nothing else is asked before.
      if (!(err instanceof Problem) || err.passing) throw err
    })
    .then(() => keep(leftBehind, null))
    .finally(() => (ending = null))
  await ending
}
/**
 * ofAnother ends the session of another worker than the one whom the vault let in: a browser that was merely closed carries
 * it on, and it would answer for whoever is here now.
 */
async function ofAnother(): Promise<void> {
  if (!state.offline || !state.me) return
  ending ??= call<Me>('GET', '/api/me', { quiet: true, bare: true, timeout: 8000 })
    .then((me) => (me.account.id === state.me?.account.id ? undefined : remote.signOut()), (err: unknown) => {
      if (!(err instanceof Problem) || err.status !== 401) throw err
    })
    .then(() => void (state.offline = false))
    .finally(() => (ending = null))
  await ending
}
/** endSession asks the node to end the session, now or whenever it is heard. */
async function endSession(): Promise<void> {
  keep(leftBehind, true)
  await endFirst().catch(() => {})
}

/** elsewhere counts how often another tab closed the desk: one browser is one tablet. */
export const elsewhere = ref(0)
const tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('serai-session')

export function startSession(): void {
  if (tabs) tabs.onmessage = (event: MessageEvent<'left' | 'checkpoint' | 'wiped'>) => {
    if (event.data === 'wiped') outbox.clear()
    if (event.data === 'checkpoint') state.checkpoint = now()
    leaveHere()
    elsewhere.value++
  }
  connect({
    first: endFirst,
    signedOut: () => asksAgain('again'),
    heard: (at) => {
      const back = reach.silentSince > 0
      reach.heard = at
      reach.silentSince = 0
      if (back) {
        outbox.again()
        void catchUp()
      }
    },
    silent: () => (reach.silentSince ||= Date.now()),
  })
  // What a page about a person asks of a locked vault waits until whoever is here has opened it.
  share.watchShare({ closed: () => (state.me ? asksAgain('locked') : Promise.reject(new Problem('desk.vault_closed', 0))) })
  void outbox.start()
  void vault.atCheckpoint().then((at) => (state.checkpoint = at ?? 0))
  addEventListener('online', () => {
    outbox.again()
    void catchUp()
  })
  addEventListener('beforeunload', (event) => {
    if (outbox.unsaved.value > 0) event.preventDefault()
  })
  let last = Date.now()
  const touched = () => (last = Date.now())
  for (const kind of ['pointerdown', 'keydown', 'wheel', 'touchmove']) addEventListener(kind, touched, { passive: true })
  setInterval(() => {
    if (state.me && !state.locked && Date.now() - last > lockAfter) lock()
  }, 5000)
  setInterval(() => void catchUp(), refreshEach)
}

/** look asks the node once whether somebody is signed in already; a silent node leaves that to the vault. */
export function look(): Promise<void> {
  looking ??= remote.me().then((me) => {
    // A reload opens no screen that was locked.
    state.locked = kept('locked') === true
    return enter(me)
  }, () => {}).finally(() => (state.looked = true))
  return looking
}

async function enter(me: Me): Promise<void> {
  state.me = me
  state.looked = true
  outbox.actsFor(me.account.id)
  const last = kept<string>('point')
  state.point = me.points.find((p) => p.id === last) ?? (me.points.length === 1 ? me.points[0]! : null)
  if (!languageChosen()) await useLanguage(me.account.language, false)
  await Promise.all([loadCatalogue().catch(() => {}), vault.resume(me.account.id)])
  await openShare()
}

/** openShare loads what the vault holds for this point, and fetches what is new behind the screen. */
async function openShare(): Promise<void> {
  if (!state.me || !state.point || !vault.isOpen()) return
  const sealed = new Set(list('needs').filter((n) => n.seen === 'S').map((n) => n.code))
  await share.load(state.point.id, { who: state.me.account.name, dayOf: (at) => today(new Date(at)), hidden: (need) => sealed.has(need) && !can('people.sealed'), button: (code) => list('tally_buttons').find((b) => b.code === code) })
  void outbox.revive()
  catching = 0
  void catchUp()
}
let catching = 0
/** catchUp brings the share up to date; a node that does not have it, or an account that may not, changes nothing here. */
async function catchUp(): Promise<void> {
  if (!state.me || state.locked || !vault.isOpen() || Date.now() - catching < 5000) return
  catching = Date.now()
  await share.refresh().catch(() => {})
  if (can('cards.read')) await refreshCards(here.value).catch(() => {})
}

/** signIn asks the node, and the vault when the node is silent. */
export async function signIn(who: remote.SignIn): Promise<void> {
  const secret = who.pin ?? who.password ?? ''
  try {
    const me = await remote.signIn(who)
    state.offline = false
    await vault.enter(me, secret).catch(() => {})
    state.checkpoint = 0
    opens()
    await enter(me)
  } catch (err) {
    if (!(err instanceof Problem) || !absent(err) || !(await vault.knows(who.login))) throw err
    await openHere(await vault.unlock(who.login, secret))
  }
}
export async function signInByPasskey(login: string): Promise<void> {
  await openHere(await vault.unlockByPasskey(login))
  // The node may still know this session; if not, what is read from it asks for the password when it is needed.
  void remote.me().then((me) => me.account.id === state.me?.account.id && (state.offline = false), () => {})
}
/** opens takes the lock off: whoever is here has just shown that it is theirs. */
function opens(): void {
  state.locked = false
  keep('locked', null)
}
/** absent tells that the node could not be asked at all. */
const absent = (err: Problem) => err.status === 0 || err.status === 502 || err.status === 503 || err.status === 504

async function openHere(me: Me): Promise<void> {
  state.offline = true
  opens()
  await enter(me)
}

/** signInAgain is for the same person, above an unfinished screen; somebody else starts from an empty desk. */
export async function signInAgain(secret: string, totp?: string): Promise<void> {
  const login = state.me?.account.login ?? ''
  const lost = state.again
  if (!lost || reach.silentSince > 0) {
    // A locked screen needs no node: who opens the vault is the one who closed it.
    try {
      await vault.unlock(login, secret)
      return resume()
    } catch (err) {
      const known = err instanceof Problem && /^desk\.(wrong_secret|wait|too_long)$/.test(err.code)
      if (known && reach.silentSince > 0) throw err
    }
  }
  const me = await remote.signIn(byPin.value ? { login, pin: secret, ...byDevice() } : { login, password: secret, totp })
  await vault.enter(me, secret).catch(() => {})
  state.me = me
  state.offline = false
  await resume()
}
export async function againByPasskey(): Promise<void> {
  await vault.unlockByPasskey(state.me?.account.login ?? '')
  await resume()
}
async function resume(): Promise<void> {
  await openShare()
  opens()
  state.again = false
  const held = waiting
  waiting = []
  for (const w of held) w.resolve()
  outbox.again()
}

export async function signOut(): Promise<void> {
  await endSession()
  leave()
}

/** leave empties the desk on this device, whatever the node answers. What is not sent stays sealed, and is sent by whoever comes next. */
export function leave(): void {
  leaveHere()
  tabs?.postMessage('left')
}
function leaveHere(): void {
  const held = waiting
  waiting = []
  for (const w of held) w.reject(new Problem('web.signed_out', 401))
  Object.assign(state, { me: null, point: null, locked: false, again: false, looked: true, offline: false })
  looking = Promise.resolve()
  keep('locked', null)
  share.close()
  forgetCards()
  vault.leave()
  outbox.actsFor('')
  outbox.hush()
  nobody()
  forgetCatalogue()
}

/** hasFactor takes over what changed for this session when its second factor began to count. */
export function hasFactor(me: Me): void {
  if (state.me) Object.assign(state.me, { session: me.session, grants: me.grants, permissions: me.permissions })
}

export function choosePoint(point: Named): void {
  const other = state.point?.id !== point.id
  state.point = point
  keep('point', point.id)
  if (other) void openShare()
}

/** lock forgets what is personal; the point and the right to count stay. */
export function lock(): void {
  state.locked = true
  keep('locked', true)
  share.close()
  forgetCards()
  vault.lock()
}

/** checkpoint drops every key on this device, now: nobody here can be made to open it. What is not sent stays, sealed to the node. */
export async function checkpoint(): Promise<void> {
  await vault.checkpoint()
  state.checkpoint = now()
  void endSession()
  leave()
  tabs?.postMessage('checkpoint')
}

/** wipe takes everything off this device, unsent work as well. */
export async function wipe(): Promise<void> {
  leave()
  outbox.clear()
  tabs?.postMessage('wiped')
  const caches_ = typeof caches === 'undefined' ? Promise.resolve() : caches.keys().then((names) => Promise.all(names.filter((n) => !n.includes('shell')).map((n) => caches.delete(n))))
  try {
    localStorage.clear()
    sessionStorage.clear()
  } catch {
    // Forbidden storage holds nothing.
  }
  void endSession()
  await Promise.race([Promise.all([erase(), caches_]), new Promise((resolve) => setTimeout(resolve, 1800))])
}

watch(
  () => state.me?.node.id,
  (node, before) => {
    // Another node behind the same address is another memory: what is held is sealed to the first, and waits for it.
    if (node && before && node !== before) void outbox.reload()
  },
)

