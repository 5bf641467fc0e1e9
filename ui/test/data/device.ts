// A device for tests: an empty browser storage, and a node that opens what was sealed to it.
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core'
import { fromBase64, text, toBase64, utf8 } from '@/data/bytes'
import { connect } from '@/data/client'
import * as outbox from '@/data/outbox'
import { erase, reopen } from '@/data/store'
import * as vault from '@/data/vault'
import type { Me } from '@/data/wire'

const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })

export interface Command { method: string; path: string; body: unknown; at: number; offset: number }
export interface Taken { key: string; signer: string; subject: string; command: Command }
/** Node is what a test may look at and change: answers are given to entries in turn, 201 when there is none. */
export interface Node {
  taken: Taken[]; answers: (number | { status: number; code?: string })[]; silent: boolean; batches: number[]; signers: Map<string, CryptoKey>
  others: (path: string, body: never) => { status: number; body?: unknown } | undefined; direct: { path: string; key: string }[]
}

export const me = (login = 'aissa', account = 'a1'): Me => ({
  account: { id: account, name: 'Aïssa Moussa', login, language: 'en' }, organisation: { id: 'o1', code: 'NRC', name: 'Niger Red Cross' }, grants: [], permissions: ['assist.record'],
  points: [{ id: 'p1', code: 'NE-AGZ', name: 'Agadez' }], node: { id: 'n1', label: 'Agadez', demo: true, version: '1' }, session: { expires: '2026-12-01T00:00:00Z', full: true },
})

/** newDevice empties the device and connects it to a node of its own. */
export async function newDevice(): Promise<Node> {
  vault.leave()
  outbox.clear()
  await erase()
  await reopen()
  const pair = await suite.kem.generateKeyPair()
  const open = toBase64(await suite.kem.serializePublicKey(pair.publicKey))
  const node: Node = { taken: [], answers: [], silent: false, batches: [], signers: new Map(), others: () => undefined, direct: [] }
  const opened = async (enc: string, sealed: string, info: string, aad: string) => {
    const r = await suite.createRecipientContext({ recipientKey: pair.privateKey, enc: fromBase64(enc).buffer, info: utf8(info).buffer })
    return JSON.parse(text(await r.open(fromBase64(sealed).buffer, utf8(aad).buffer)))
  }
  const reply = (status: number, body?: unknown) => new Response(body === undefined ? null : JSON.stringify(body), { status, headers: { 'Content-Type': status < 300 ? 'application/json' : 'application/problem+json' } })
  connect({
    heard: () => {}, silent: () => {}, signedOut: () => Promise.reject(new Error('signed out')),
    fetch: async (input, init) => {
      if (node.silent) throw new TypeError('no network')
      const path = String(input)
      const body = init?.body ? JSON.parse(String(init.body)) : undefined
      const other = node.others(path, body as never)
      if (other) return reply(other.status, other.body)
      if (path === '/api/outbox/key') return reply(200, { node: 'n1', id: 'k1', public: open })
      if (path === '/api/me/device-key') {
        const raw = fromBase64(body.public)
        const id = toBase64((await crypto.subtle.digest('SHA-256', raw)).slice(0, 16))
        node.signers.set(id, await crypto.subtle.importKey('raw', raw, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']))
        return reply(200, { signer: id, until: '2026-12-24T00:00:00Z' })
      }
      if (path === '/api/device/restore') return reply(200, { vault: (await opened(body.wrapped.enc, body.wrapped.sealed, 'serai vault 1', 'a1')).vault })
      if (path === '/api/outbox') {
        node.batches.push(body.entries.length)
        const results = []
        for (const e of body.entries) {
          const by = node.signers.get(e.signer)
          const fine = by && (await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, by, fromBase64(e.sig), utf8(`serai outbox 1|${e.key}|${e.signer}|${e.enc}|${e.sealed}|${e.subject}`)))
          if (!fine) {
            results.push({ key: e.key, status: 403, code: 'outbox.unknown_key' })
            continue
          }
          const command = await opened(e.enc, e.sealed, 'serai outbox 1', `1|${e.key}|${e.signer}`)
          const answer = node.answers.shift() ?? 201
          const result = typeof answer === 'number' ? { status: answer } : answer
          if (result.status < 300 && !node.taken.some((t) => t.key === e.key)) node.taken.push({ key: e.key, signer: e.signer, subject: e.subject, command })
          results.push({ key: e.key, ...result })
        }
        return reply(200, { results })
      }
      node.direct.push({ path, key: (init?.headers as Record<string, string>)['Idempotency-Key'] ?? '' })
      return reply(201, {})
    },
  })
  return node
}
