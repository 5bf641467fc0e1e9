// The desk on this device and the desk at the node may be of two versions. Another version is fetched in the background,
// waits, and is offered; nobody's work is ever interrupted by it. It may be an older one: a node that was set back.

import { computed, reactive, watch } from 'vue'
import type { Router } from 'vue-router'
import { unsaved } from '@/data/outbox'
import { session } from './session'
import { isFull } from './storage'

export interface Version { build: string; version: string }

/** build is the id of the desk that runs in this tab; empty in development, where nothing is installed. */
export const build = document.querySelector<HTMLMetaElement>('meta[name=serai-build]')?.content ?? ''

const state = reactive({
  /** The whole app is on this device: it opens without a network. */
  installed: false,
  /** Another version is here, whole, and waits for a tap. */
  waiting: false,
  /** Another tab changed over, and this one will follow as soon as nothing unfinished is on it. */
  changed: false,
  /** What the node has, once it was heard. */
  node: null as Version | null,
  /** The node has another version and it could not be fetched, most often because the device is full. */
  stuck: false,
  later: false,
})
export const update = state
/** offered is what the home page shows: not again after "later", until the desk is opened anew. */
export const offered = computed(() => state.waiting && !state.later)

interface Policies { createPolicy: (name: string, rules: { createScriptURL: (url: string) => string }) => { createScriptURL: (url: string) => string } }

const address = `${import.meta.env.BASE_URL}sw.js`
/** The one address that may become a worker here; the node's content policy allows this policy once and no other. */
function workerAddress(): string {
  const types = (globalThis as { trustedTypes?: Policies }).trustedTypes
  const allow = (url: string) => {
    if (url !== address) throw new TypeError('not the service worker of the desk')
    return url
  }
  return types ? types.createPolicy('serai-worker', { createScriptURL: allow }).createScriptURL(address) : allow(address)
}

let registration: ServiceWorkerRegistration | null = null
let tapped = false
let touched = false
let asked = 0
/** A contact with the node is used to ask for its version, and not every contact. */
const between = 10 * 60_000

export function startUpdates(router: Router): void {
  if (import.meta.env.DEV || !globalThis.isSecureContext || !('serviceWorker' in navigator)) return
  const worker = navigator.serviceWorker
  let led = worker.controller !== null
  worker.addEventListener('message', (event: MessageEvent<{ kind?: string }>) => {
    if (event.data?.kind === 'which') event.ports[0]?.postMessage(build)
    if (event.data?.kind === 'full') isFull(true)
  })
  worker.addEventListener('controllerchange', () => {
    // The first worker of all serves the page that brought it, which is of the same build. A page that was loaded past the
    // worker has no leader either, and is told by what it waited for.
    if (led || tapped || state.waiting) {
      state.waiting = false
      state.changed = true
      follow(router)
    }
    led = true
  })
  for (const kind of ['input', 'change']) addEventListener(kind, () => (touched = true), { capture: true, passive: true })
  router.afterEach(() => {
    touched = false
    follow(router)
  })
  watch(() => [session.heard, session.silent], () => void askNode())
  // After the first screen stands: on a slow hub both would wait for each other.
  const begin = () => setTimeout(() => void register(worker), 1000)
  if (document.readyState === 'complete') begin()
  else addEventListener('load', begin, { once: true })
}

async function register(worker: ServiceWorkerContainer): Promise<void> {
  try {
    registration = await worker.register(workerAddress(), { scope: import.meta.env.BASE_URL })
  } catch {
    // Forbidden, full, or the network was cut: the desk works as a page, and the next opening tries again.
    return
  }
  look(registration)
  registration.addEventListener('updatefound', () => registration && look(registration))
  registration.active?.postMessage({ kind: 'started' })
  void askNode()
}

function look(reg: ServiceWorkerRegistration): void {
  state.installed = reg.active !== null
  state.waiting = reg.waiting !== null && reg.active !== null
  const coming = reg.installing
  coming?.addEventListener('statechange', () => {
    state.installed = reg.active !== null
    state.waiting = reg.waiting !== null && reg.active !== null
    if (coming.state === 'redundant' && reg.waiting === null && state.node && state.node.build !== build) state.stuck = true
    if (coming.state === 'installed') {
      state.stuck = false
      isFull(false)
    }
  })
}

/** askNode compares the two versions; the browser's own look at the worker comes only with a navigation, and a desk stays open for days. */
async function askNode(): Promise<void> {
  if (!session.heard || session.silent || Date.now() - asked < between || !registration) return
  asked = Date.now()
  try {
    const answer = await fetch(`${import.meta.env.BASE_URL}version.json`, { cache: 'no-store', credentials: 'omit' })
    if (!answer.ok) return
    const found = (await answer.json()) as Partial<Version>
    if (typeof found.build !== 'string') return
    state.node = { build: found.build, version: typeof found.version === 'string' ? found.version : '' }
    if (found.build !== build) await registration.update()
  } catch {
    asked = 0
  }
}

/** lookNow asks at once, for the button in the settings. */
export async function lookNow(): Promise<void> {
  asked = 0
  await askNode()
}

/** changeOver is the tap: every tab gets the new version, this one at once. */
export function changeOver(): void {
  tapped = true
  if (registration?.waiting) registration.waiting.postMessage({ kind: 'change' })
  else if (state.changed) location.reload()
}
export function notNow(): void {
  state.later = true
}

/** Pages on which nothing is ever half done. */
const calm = new Set(['home', 'away', 'help', 'lost', 'settings', 'sign-in', 'choose'])

/** restful tells whether a tab may be loaded anew without anybody losing a stroke of a pen. */
export function restful(page: unknown, typed: boolean, dialog: boolean): boolean {
  return calm.has(String(page)) && !typed && !dialog
}
function follow(router: Router): void {
  if (!state.changed) return
  // What lives in this page alone, on a device that is full, would go with the page.
  const held = touched || unsaved.value > 0
  if (tapped || restful(router.currentRoute.value.name, held, document.querySelector('dialog[open]') !== null)) location.reload()
}
