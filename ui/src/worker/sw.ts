// The service worker of the desk: the app opens and works with no network, from files that were all there before the
// first of them is used. It never touches /api/ or /print/, takes over only when somebody said so, and knows nothing
// about anybody.
import { fill, keyOf, older, tidy, wanted, type Outside, type Shell, type Store } from './shell'

// The types of a worker and of a page exclude each other in one project; this is the part that is used here.
interface Client { url: string; postMessage: (message: unknown, transfer?: Transferable[]) => void }
interface Waits extends Event { waitUntil: (work: Promise<unknown>) => void }
interface Asked extends Waits { request: Request; respondWith: (answer: Promise<Response>) => void }
interface Said extends Waits { data: unknown }
interface Worker {
  /** shell stands in the first line of the built file, written there when all other files are known. */
  shell: Shell
  registration: { scope: string; installing: object | null; waiting: object | null }
  clients: { claim: () => Promise<void>; matchAll: (options: object) => Promise<Client[]> }
  skipWaiting: () => Promise<void>
  addEventListener: ((kind: 'install' | 'activate', run: (event: Waits) => void) => void) & ((kind: 'fetch', run: (event: Asked) => void) => void) & ((kind: 'message', run: (event: Said) => void) => void)
}
const self = globalThis as unknown as Worker
const shell = self.shell
const root = self.registration.scope
// What is in it names nobody: whoever empties the device of people leaves it, so that the desk still opens.
const open = () => caches.open('serai-shell') as Promise<Store>
const out: Outside = {
  root,
  fetch: (address, init) => fetch(address, init),
  digest: async (bytes) => [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map((b) => b.toString(16).padStart(2, '0')).join(''),
}

self.addEventListener('install', (event) => event.waitUntil(open().then((store) => fill(shell, store, out)).catch(torn)))

// The very first build serves the open page at once; a later one gets here only by a tap, or when no tab is left.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim().then(tidyWhenAlone)))

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== new URL(root).origin) return
  const name = wanted(shell, url.pathname, root, request.mode === 'navigate')
  if (name) event.respondWith(kept(name, request))
  else if (request.mode !== 'navigate' && url.pathname.startsWith(new URL(root).pathname + 'assets/')) event.respondWith(before(url.pathname, request))
})

async function kept(name: string, request: Request): Promise<Response> {
  const found = await (await open()).match(keyOf(shell, root, name))
  // Somebody emptied the browser's storage while the desk was open: the node may still help.
  return found ?? fetch(request)
}
async function before(path: string, request: Request): Promise<Response> {
  return (await older(await open(), root, path)) ?? fetch(request)
}

self.addEventListener('message', (event) => {
  const data = event.data as { kind?: unknown } | null
  if (data?.kind === 'change') event.waitUntil(self.skipWaiting())
  // A page has started: the moment to look whether anything was lost, and whether anything is left over.
  if (data?.kind === 'started') event.waitUntil(open().then((store) => fill(shell, store, out)).then(tidyWhenAlone, () => {}))
})

/** torn tells the open tabs when it was for want of room: nobody else can know, and somebody may delete pictures. */
async function torn(err: unknown): Promise<never> {
  if (err instanceof Error && err.name === 'QuotaExceededError') for (const tab of await tabs()) tab.postMessage({ kind: 'full' })
  throw err
}
const tabs = async () => (await self.clients.matchAll({ includeUncontrolled: true, type: 'window' })).filter((c) => c.url.startsWith(root))

/** tidyWhenAlone asks every open tab which build it runs; one that does not answer in time may be an old one. The files of a build that waits stay too. */
async function tidyWhenAlone(): Promise<void> {
  const builds = await Promise.all((await tabs()).map(ask))
  const { installing, waiting } = self.registration
  if (!installing && !waiting && builds.every((b) => b === shell.build)) await tidy(shell, await open(), root)
}
function ask(tab: Client): Promise<unknown> {
  return new Promise((resolve) => {
    const channel = new MessageChannel()
    channel.port1.onmessage = (event: MessageEvent) => resolve(event.data)
    setTimeout(resolve, 3000)
    tab.postMessage({ kind: 'which' }, [channel.port2])
  })
}
