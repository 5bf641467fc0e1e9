// What this device keeps, in IndexedDB: who may open it, what has not reached the node, and each worker's share. Every
// row that says something about a person is encrypted before it gets here; the rest is what a stranger may read.

import Dexie, { type Table } from 'dexie'
import { random, toBase64, type Bytes } from './bytes'
import type { Box, Sealed } from './seal'

/** Worker is somebody who has signed in on this device before. Nothing in the row names the person. */
export interface Worker {
  /** id is a keyed hash of the login; account the node's own random id. */
  id: string
  account: string
  /** locks are the ways to open the vault: each holds the vault's key. Checkpoint mode empties them, node stays. */
  locks: { secret?: { salt: Bytes; rounds: number; box: Box }; passkey?: { credential: Bytes; salt: Bytes; box: Box } }
  passkeyOnly?: boolean
  /** node holds the vault's key sealed to the node: a hub gives it back to the same account. */
  node?: Sealed
  signer?: { id: string; key: CryptoKey; open: Bytes; until: number; created?: number }
  /** open is the public half of the vault: work done while it is closed is sealed to it. */
  open: Bytes
  /** until is when an opening without the node is no longer allowed, by this device's clock. */
  until: number
  /** seen is this device's clock when the worker last opened it: a clock that goes back is noticed by it. */
  seen?: number
  tries: number
  wait: number
}

/** Held is one piece of work on its way to the node. */
export interface Held {
  n?: number
  key: string
  account: string
  /** node is the one that it is sealed to: no other is sent it. */
  node: string
  /** at is the device's own clock in milliseconds. */
  at: number
  label: string
  /** quiet work (looks) is not shown among what waits. */
  quiet?: boolean
  mark: 'waiting' | 'attention'
  tries: number
  signer: string
  subject: string
  enc: string
  sealed: string
  sig: string
  /** own is the same work sealed to the worker's vault: to show it, to repeat it here, and to sign it anew. */
  own: Sealed | null
  problem?: { code: string; status: number; detail: string; errors: { field: string; code: string; detail?: string }[] }
}

class Store extends Dexie {
  meta!: Table<{ name: string; value: unknown }, string>
  workers!: Table<Worker, string>
  outbox!: Table<Held, number>
  /** share holds encrypted parts; shown what everybody may read: the catalogue and the lists. */
  share!: Table<{ account: string; part: string; box: Box }, [string, string]>
  shown!: Table<{ name: string; value: unknown; at: number }, string>

  constructor() {
    super('serai')
    this.version(1).stores({ meta: '&name', workers: '&id, &account', outbox: '++n, &key, account, mark', share: '[account+part]', shown: '&name' })
  }
}

export let store = new Store()

/** able tells whether this browser lets the desk keep anything at all: some forbid it in private windows. */
export async function able(): Promise<boolean> {
  if (typeof indexedDB === 'undefined' || !globalThis.crypto?.subtle) return false
  try {
    await store.open()
    return true
  } catch {
    return false
  }
}

/** reopen takes up again after the browser cleared or closed the database under the open app. */
export async function reopen(): Promise<void> {
  store.close()
  store = new Store()
  await store.open()
}

let life = ''
/**
 * lost tells once whether the browser threw the database away under the open page: what nobody but this page still knows
 * must then be kept anew. A mark that only this database bears tells one from the next.
 */
export async function lost(): Promise<boolean> {
  const there = await meta<string>('life').catch(() => life)
  if (there && there === life) return false
  const before = life
  const mark = there || toBase64(random(9))
  // A full disk keeps no mark; then nothing is said to be lost.
  if (!there && !(await putMeta('life', mark).then(() => true, () => false))) return false
  life = mark
  return before !== ''
}

export async function meta<T>(name: string): Promise<T | undefined> {
  return (await store.meta.get(name))?.value as T | undefined
}
export const putMeta = (name: string, value: unknown) => store.meta.put({ name, value })

/** erase removes all of it, within the two seconds that somebody at the door leaves. */
export async function erase(): Promise<void> {
  life = ''
  store.close()
  await Dexie.delete('serai')
}
