// What the service worker does, without the browser around it: keep every file of this build, all or none, and answer
// with them. Files are kept under the hash of their content, so a new build fetches what changed and nothing else, a
// torn installation goes on where it stopped, and a tab that still runs the build before finds its files.

/** Shell is written by the build: its id, and each file with the hash of its bytes (SHA-256, hexadecimal) and its length. */
export interface Shell { build: string; files: Record<string, [hash: string, bytes: number]> }

/** Store is the part of a browser's Cache that is used. */
export interface Store {
  match: (key: string) => Promise<Response | undefined>
  put: (key: string, answer: Response) => Promise<void>
  keys: () => Promise<readonly { url: string }[]>
  delete: (key: string) => Promise<boolean>
}
export interface Outside {
  /** root is the address of the desk, with its slash at the end. */
  root: string
  fetch: (address: string, init?: RequestInit) => Promise<Response>
  digest: (bytes: ArrayBuffer) => Promise<string>
}

/** A slow hub is not helped by forty requests at once, a fast one hardly by more than this. */
const abreast = 4
/** A file that does not come within this time will be asked for again with the next try. */
const patience = 120_000

/** keyOf is where a file of this build lies in the store; two builds share it when its bytes are the same. */
export const keyOf = (shell: Shell, root: string, name: string) => `${root}${name}?kept=${shell.files[name]![0]}`

/** fill fetches what is missing, and fails when anything still is: then this build is not installed, and what came stays for the next try. */
export async function fill(shell: Shell, store: Store, out: Outside): Promise<number> {
  // One look at all names: at every start of the desk this stands beside the first screen, on a slow phone.
  const here = new Set((await store.keys()).map(({ url }) => url))
  const missing = Object.keys(shell.files).filter((name) => !here.has(keyOf(shell, out.root, name)))
  const wrong: unknown[] = []
  const waiting = [...missing]
  const one = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      try {
        await store.put(keyOf(shell, out.root, name), await verified(shell, out, name))
      } catch (err) {
        wrong.push(err)
        // Without a network every other file would fail as well; on a torn link the next may come through.
        if (wrong.length >= 3) waiting.length = 0
      }
    }
  }
  await Promise.all(Array.from({ length: abreast }, one))
  if (wrong.length > 0) throw wrong[0]
  return missing.length
}

async function verified(shell: Shell, out: Outside, name: string): Promise<Response> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), patience)
  try {
    // Names with a hash may come from the browser's own cache, where the first visit left them; the others are asked for.
    const answer = await out.fetch(out.root + name, { cache: name.startsWith('assets/') ? 'default' : 'no-cache', credentials: 'omit', redirect: 'error', signal: stop.signal })
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`)
    const bytes = await answer.arrayBuffer()
    // The sign-in page of a hotel's network answers 200 to everything, and a node may be upgraded between two files.
    if ((await out.digest(bytes)) !== shell.files[name]![0]) throw new Error(`${name}: not the file of this build`)
    const headers = new Headers(answer.headers)
    for (const h of ['Content-Encoding', 'Content-Length', 'Set-Cookie']) headers.delete(h)
    return new Response(bytes, { status: 200, headers })
  } finally {
    clearTimeout(timer)
  }
}

/** wanted is the file that an address asks for, null when it is none of this build's and the network must answer. */
export function wanted(shell: Shell, path: string, root: string, navigates: boolean): string | null {
  const base = new URL(root).pathname
  if (!path.startsWith(base)) return null
  const name = path.slice(base.length)
  // Addresses without a file ending are screens of the app, as for the node.
  if (navigates) return /\.[a-z0-9]+$/i.test(name) ? null : 'index.html'
  return Object.hasOwn(shell.files, name) ? name : null
}

/** tidy removes what no build in use has; it is called when every open tab runs this one. */
export async function tidy(shell: Shell, store: Store, root: string): Promise<number> {
  const ours = new Set(Object.keys(shell.files).map((name) => keyOf(shell, root, name)))
  let removed = 0
  for (const { url } of await store.keys()) {
    if (!ours.has(url) && (await store.delete(url))) removed++
  }
  return removed
}

/** older finds a file of a build before this one, for a tab that still runs it: names with a hash are never used twice. */
export async function older(store: Store, root: string, path: string): Promise<Response | undefined> {
  const base = new URL(root).pathname
  if (!path.startsWith(base + 'assets/')) return undefined
  const start = root + path.slice(base.length) + '?kept='
  const found = (await store.keys()).find(({ url }) => url.startsWith(start))
  return found && store.match(found.url)
}
