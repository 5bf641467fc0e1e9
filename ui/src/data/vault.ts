// The vault: what a worker's share and drafts are encrypted under, and the device key that signs what the worker does.
//
//   locked    the vault's key is not in memory: personal screens are closed; what is recorded is still signed and sealed,
//             so the tally goes on
//   open      PIN, password or passkey gave the key back
//   dropped   checkpoint mode: nothing on this device opens it; a hub does
//
// A PIN's tries cannot be enforced on a copied profile. The waits below slow down whoever holds the tablet, not whoever
// copied it: that is what the passkey is for.

import { call, Problem } from './client'
import { fromBase64, random, text, toBase64, utf8, type Bytes } from './bytes'
import { raw } from './clock'
import { decrypt, encrypt, fromPasskey, newSealPair, newSigner, openWith, restKey, sealTo, stretch, type Box, type Sealed, type Signer } from './seal'
import { able, meta, putMeta, store, type Worker } from './store'
import type { Me } from './wire'

/** offlineFor is how long a worker may open this device without the node having been heard: two weeks in the desert. */
export const offlineFor = 14 * 86_400_000
const rounds = 600_000
const vaultInfo = 'serai vault 1'
const ownInfo = 'serai own 1'

/** Inside is what the vault keeps besides its key: who the worker is, and the private half of its pair. */
interface Inside { key: string; secret: string }
interface Open { worker: string; account: string; key: CryptoKey; inside: Inside; me: Me }

let open: Open | null = null
/** The key whose work is recorded now: it stays when the vault is locked. */
let signing: { account: string; signer: Signer; vault: Bytes } | null = null

export const isOpen = () => open !== null
export const whose = () => open?.account ?? null
export const signer = () => signing

const normal = (login: string) => login.trim().normalize('NFKC').toLowerCase()
async function idOf(login: string): Promise<string> {
  let salt = await meta<Bytes>('salt')
  if (!salt) await putMeta('salt', (salt = random(16)))
  const key = await crypto.subtle.importKey('raw', salt, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return toBase64((await crypto.subtle.sign('HMAC', key, utf8(normal(login)))).slice(0, 16))
}
export async function knows(login: string): Promise<boolean> {
  return (await able()) && Boolean(await store.workers.get(await idOf(login)))
}

/** NodeKey is the node's key for what devices send it. */
export interface NodeKey { node: string; id: string; public: string }
let nodeKnown: NodeKey | undefined
/** nodeKey stays in memory as well: a storage that was emptied under the open app must not keep work from being sealed. */
export async function nodeKey(): Promise<NodeKey | undefined> {
  const kept = await meta<NodeKey>('node').catch(() => undefined)
  if (!kept && nodeKnown) await putMeta('node', nodeKnown).catch(() => {})
  return (nodeKnown = kept ?? nodeKnown)
}
async function fetchNodeKey(): Promise<NodeKey> {
  const key = await call<NodeKey>('GET', '/api/outbox/key', { quiet: true, timeout: 8000 })
  nodeKnown = key
  await putMeta('node', key).catch(() => {})
  return key
}

/** enter takes a worker in whom the node has just accepted with this secret; a first time makes the vault. */
export async function enter(me: Me, secret: string): Promise<void> {
  if (!(await able())) return
  const id = await idOf(me.account.login)
  const before = await store.workers.get(id)
  const node = await fetchNodeKey().catch(() => nodeKey())
  let inside = before && before.account === me.account.id ? await recover(before, secret, me) : null
  let row: Worker
  if (before && inside) {
    row = before
  } else {
    // A first time, or nothing opens the old vault any more: its share can be fetched again, and its unsent work is
    // sealed to the node in any case.
    const pair = await newSealPair()
    inside = { key: toBase64(random(32)), secret: toBase64(pair.secret) }
    if (before) await store.share.where('account').equals(before.account).delete()
    row = { id, account: me.account.id, locks: {}, open: pair.open, until: 0, tries: 0, wait: 0 }
  }
  if (!row.passkeyOnly || !row.locks.passkey) row.locks.secret = await lockWith(id, secret, inside)
  if (node) row.node = await sealTo(fromBase64(node.public), vaultInfo, me.account.id, utf8(JSON.stringify({ account: me.account.id, vault: JSON.stringify(inside) })))
  row.until = raw() + offlineFor
  row.seen = raw()
  row.tries = row.wait = 0
  row.signer = await registered(row.signer)
  // A full disk keeps nobody from working: what this opening needs is in memory, and sealed work can still leave.
  await opened(row, inside, me)
  // Who was given another name to sign in with is the same account.
  await store.workers.where('account').equals(row.account).and((w) => w.id !== id).delete()
  await store.workers.put(row)
  await putMeta('checkpoint', null)
  await put('me', me)
}

async function lockWith(id: string, secret: string, inside: Inside): Promise<NonNullable<Worker['locks']['secret']>> {
  const salt = random(16)
  return { salt, rounds, box: await encrypt(await stretch(secret, salt, rounds), `lock ${id}`, utf8(JSON.stringify(inside))) }
}

async function recover(row: Worker, secret: string, me: Me): Promise<Inside | null> {
  if (open && open.account === row.account) return open.inside
  try {
    return await bySecret(row, secret)
  } catch {
    // The secret changed, or a checkpoint dropped the locks: the node opens what was sealed to it, for this account alone.
    if (!row.node) return null
    try {
      const answer = await call<{ vault: string }>('POST', '/api/device/restore', { body: { wrapped: row.node }, quiet: true })
      const inside = JSON.parse(answer.vault) as Inside
      return me.account.id === row.account && inside.key && inside.secret ? inside : null
    } catch {
      return null
    }
  }
}
async function bySecret(row: Worker, secret: string): Promise<Inside> {
  const lock = row.locks.secret
  if (!lock) throw new Problem('desk.dropped', 0)
  return JSON.parse(text(await decrypt(await stretch(secret, lock.salt, lock.rounds), `lock ${row.id}`, lock.box))) as Inside
}

/** registered makes sure that the node knows the device key; without an answer the key is used and registered later. */
async function registered(before: Worker['signer']): Promise<Worker['signer']> {
  const fresh = before ?? { ...(await newSigner()), until: 0 }
  try {
    const answer = await call<{ signer: string; created?: string; until: string }>('POST', '/api/me/device-key', { body: { public: toBase64(fresh.open) }, quiet: true })
    return { ...fresh, until: Date.parse(answer.until) || 0, created: fresh.created || Date.parse(answer.created ?? '') || 0 }
  } catch (err) {
    if (!(err instanceof Problem) || err.passing) return fresh
    if (!before) return undefined
    return registered(undefined)
  }
}

async function opened(row: Worker, inside: Inside, me: Me): Promise<void> {
  open = { worker: row.id, account: row.account, key: await restKey(fromBase64(inside.key)), inside, me }
  signing = row.signer ? { account: row.account, signer: { id: row.signer.id, key: row.signer.key, open: row.signer.open }, vault: row.open } : null
}

/** resume finds the signing key of a session that is still open after a reload; the vault itself stays locked. */
export async function resume(account: string): Promise<void> {
  if (!(await able())) return
  const row = await store.workers.where('account').equals(account).first()
  if (row?.signer) signing = { account, signer: { id: row.signer.id, key: row.signer.key, open: row.signer.open }, vault: row.open }
}

/** unlock opens the vault without the node. It rejects with desk.unknown_here, desk.too_long, desk.wait, desk.dropped or desk.wrong_secret. */
export async function unlock(login: string, secret: string): Promise<Me> {
  const row = await rowOf(login)
  if (!row.locks.secret) throw new Problem(row.locks.passkey ? 'desk.passkey_only' : 'desk.dropped', 0)
  if (row.wait > raw() && row.wait < raw() + 3_600_000) throw new Problem('desk.wait', 0, '', [], Math.ceil((row.wait - raw()) / 1000))
  let inside: Inside
  try {
    inside = await bySecret(row, secret)
  } catch {
    const tries = row.tries + 1
    // After five wrong tries every next one costs twice the time, to an hour.
    await store.workers.update(row.id, { tries, wait: tries < 5 ? 0 : raw() + Math.min(3_600_000, 15_000 * 2 ** (tries - 5)) })
    throw new Problem('desk.wrong_secret', 0)
  }
  return finish(row, inside)
}
async function rowOf(login: string): Promise<Worker> {
  const row = (await able()) ? await store.workers.get(await idOf(login)) : undefined
  if (!row) throw new Problem('desk.unknown_here', 0)
  const seen = row.seen ?? row.until - offlineFor
  let { until } = row
  // A clock that went back, as in a tablet without power, closes nobody out; each time costs a day of those that are left,
  // since whoever holds the tablet can set it as well.
  if (raw() < seen - 600_000) until = raw() + (until - seen) - 86_400_000
  if (raw() >= until) throw new Problem('desk.too_long', 0)
  await store.workers.update(row.id, { until, seen: raw() }).catch(() => {})
  Object.assign(row, { until, seen: raw() })
  return row
}
async function finish(row: Worker, inside: Inside): Promise<Me> {
  const key = await restKey(fromBase64(inside.key))
  const box = await store.share.get([row.account, 'me'])
  if (!box) throw new Problem('desk.unknown_here', 0)
  const me = JSON.parse(text(await decrypt(key, `${row.account} me`, box.box))) as Me
  if (row.tries || row.wait) await store.workers.update(row.id, { tries: 0, wait: 0 })
  await opened(row, inside, me)
  return me
}

/** born tells when, by the node's clock, each device key here was registered first: nothing was signed with it before. */
export async function born(): Promise<Map<string, number>> {
  const rows = await store.workers.toArray().catch(() => [])
  return new Map(rows.flatMap((w) => (w.signer?.created ? [[w.signer.id, w.signer.created] as const] : [])))
}

/** lock forgets the vault's key; the signing key stays, so that the tally goes on. */
export function lock(): void {
  open = null
}
/** leave forgets both. */
export function leave(): void {
  open = null
  signing = null
}

/** put and get keep a named part of the worker's share; get answers undefined for what is not here. */
export async function put(part: string, value: unknown): Promise<void> {
  if (!open) return
  const { account, key } = open
  await store.share.put({ account, part, box: await encrypt(key, `${account} ${part}`, utf8(JSON.stringify(value))) })
}
export async function get<T>(part: string): Promise<T | undefined> {
  if (!open) return undefined
  const { account, key } = open
  const row = await store.share.get([account, part])
  return row ? readBox<T>(key, `${account} ${part}`, row.box) : undefined
}
async function readBox<T>(key: CryptoKey, place: string, box: Box): Promise<T | undefined> {
  try {
    return JSON.parse(text(await decrypt(key, place, box))) as T
  } catch {
    return undefined // altered or torn: it is fetched again
  }
}
export async function drop(part: string): Promise<void> {
  if (open) await store.share.delete([open.account, part])
}
export async function parts(prefix: string): Promise<string[]> {
  if (!open) return []
  const rows = await store.share.where('[account+part]').between([open.account, prefix], [open.account, prefix + '\uffff']).primaryKeys()
  return rows.map(([, part]) => part)
}

/** sealOwn seals work to the worker's own vault, open or locked; readOwn reads it when the vault is open. */
export const sealOwn = (vault: Bytes, key: string, work: unknown): Promise<Sealed> => sealTo(vault, ownInfo, key, utf8(JSON.stringify(work)))
export async function readOwn<T>(key: string, own: Sealed | null): Promise<T | undefined> {
  if (!open || !own) return undefined
  try {
    return JSON.parse(text(await openWith(fromBase64(open.inside.secret), ownInfo, key, own))) as T
  } catch {
    return undefined
  }
}

/** checkpoint drops every key on this device, of all workers: nobody here can be made to open it. A hub can. */
export async function checkpoint(): Promise<void> {
  leave()
  await store.transaction('rw', store.workers, store.meta, async () => {
    await store.workers.toCollection().modify((row) => {
      row.locks = {}
      delete row.signer
      delete row.passkeyOnly
    })
    await putMeta('checkpoint', raw())
  })
}
export const atCheckpoint = async () => ((await able()) ? ((await meta<number | null>('checkpoint')) ?? null) : null)

// A passkey of the device opens the vault by its PRF: 32 bytes that only the passkey can compute, from a salt kept here.
// It signs nobody in at the node.

type PRF = { prf?: { enabled?: boolean; results?: { first?: ArrayBuffer } } }

export const passkeysHere = async (): Promise<boolean> =>
  typeof PublicKeyCredential !== 'undefined' && (await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable?.().catch(() => false)) === true

/** addPasskey makes a passkey for the open vault; it reports false when this device's passkeys cannot do that. */
export async function addPasskey(): Promise<boolean> {
  if (!open) throw new Problem('desk.vault_closed', 0)
  const salt = random(32)
  const made = (await navigator.credentials.create({
    publicKey: {
      rp: { name: 'Serai' }, challenge: random(32), pubKeyCredParams: [{ type: 'public-key', alg: -7 }, { type: 'public-key', alg: -257 }],
      // The passkey's own list shows this name; it is not the worker's.
      user: { id: random(16), name: 'Serai', displayName: 'Serai' },
      authenticatorSelection: { userVerification: 'required', residentKey: 'discouraged' },
      extensions: { prf: { eval: { first: salt } } } as AuthenticationExtensionsClientInputs,
    },
  })) as PublicKeyCredential | null
  if (!made) return false
  const results = made.getClientExtensionResults() as PRF
  if (!results.prf?.enabled && !results.prf?.results?.first) return false
  const credential = new Uint8Array(made.rawId) as Bytes
  const answer = results.prf?.results?.first ?? (await askPasskey(credential, salt))
  if (!answer) return false
  const box = await encrypt(await fromPasskey(answer), `passkey ${open.worker}`, utf8(JSON.stringify(open.inside)))
  const row = await store.workers.get(open.worker)
  if (!row) return false
  row.locks.passkey = { credential, salt, box }
  await store.workers.put(row)
  return true
}
async function askPasskey(credential: Bytes, salt: Bytes): Promise<ArrayBuffer | null> {
  const got = (await navigator.credentials.get({
    publicKey: { challenge: random(32), userVerification: 'required', allowCredentials: [{ type: 'public-key', id: credential }], extensions: { prf: { eval: { first: salt } } } as AuthenticationExtensionsClientInputs },
  })) as PublicKeyCredential | null
  return (got?.getClientExtensionResults() as PRF | undefined)?.prf?.results?.first ?? null
}
export async function hasPasskey(login: string): Promise<boolean> {
  return (await able()) && Boolean((await store.workers.get(await idOf(login)))?.locks.passkey)
}
/** passkeyOnly takes the PIN or password off the vault: from then on only the passkey opens it without the node. */
export async function passkeyOnly(): Promise<void> {
  const row = open ? await store.workers.get(open.worker) : undefined
  if (!row?.locks.passkey) return
  delete row.locks.secret
  row.passkeyOnly = true
  await store.workers.put(row)
}
export async function unlockByPasskey(login: string): Promise<Me> {
  const row = await rowOf(login)
  const lock = row.locks.passkey
  if (!lock) throw new Problem('desk.dropped', 0)
  const answer = await askPasskey(lock.credential, lock.salt).catch(() => null)
  if (!answer) throw new Problem('desk.no_passkey', 0)
  const inside = JSON.parse(text(await decrypt(await fromPasskey(answer), `passkey ${row.id}`, lock.box))) as Inside
  return finish(row, inside)
}
