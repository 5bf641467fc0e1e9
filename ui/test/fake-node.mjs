// A node in memory, for working on the desk and for the journeys that look at its screens: the same paths and shapes as
// a real node, the real catalogue, a handful of invented people, and the same security headers. It is never shipped.
// node test/fake-node.mjs [port]
import { createServer } from 'node:http'
import { randomUUID } from 'node:crypto'
import { readFileSync, existsSync } from 'node:fs'
import { dirname, extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core'

const here = dirname(fileURLToPath(import.meta.url))
const built = process.env.SERAI_DESK ?? join(here, '..', 'dist')
const data = join(here, '..', '..', 'internal', 'catalogue', 'data')
const json = (name) => JSON.parse(readFileSync(join(data, name), 'utf8'))
const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; font-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types serai-worker vue"
const workerPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.wasm': 'application/wasm', '.png': 'image/png', '.json': 'application/json', '.webmanifest': 'application/manifest+json' }

const day = (before = 0) => new Date(Date.now() - 4 * 3600_000 - before * 86_400_000).toISOString().slice(0, 10)
const permissions = {
  volunteer: 'accounts.self network.read lists.read people.create people.search people.read people.edit people.basis assist.record assist.read assist.correct assist.bulk cards.issue cards.read cards.update counts.read',
  point_lead: 'network.run accounts.read accounts.enrol cards.stock',
  protection_officer: 'people.health people.sealed people.erase people.copy people.log assist.health assist.sealed',
  administrator: 'accounts.read accounts.manage accounts.enrol network.read network.edit lists.edit lists.read counts.read',
}
permissions.point_lead += ' ' + permissions.volunteer
permissions.protection_officer += ' ' + permissions.volunteer

/** fakeNode starts one; `state` may be looked at and changed by a test. */
export async function fakeNode({ port = 0, name = 'Agadez', organisation = 'Niger Red Cross', dist = built, many = 0 } = {}) {
  const points = [
    ['NE-AGZ', 'Agadez, HSP at the bus station', 'hsp', 'fixed', 'open'],
    ['NE-ARL', 'Arlit, mobile HSP', 'hsp', 'mobile', 'open'],
    ['NE-ASS', 'Assamaka, border', 'response_centre', 'fixed', 'suspended'],
  ].map(([code, title, kind, mobility, state], i) => ({
    id: `01900000-0000-7000-8000-00000000000${i}`, code, name: title, kind, mobility, state, organisation: { id: 'o1', code: 'NRC', name: organisation }, country: 'NE',
    place: { name: title.split(',')[0], admin1: 'Agadez', pcode: 'NE001' }, services: ['information', 'connectivity', 'water', 'food.meal', 'food.ration', 'hygiene_kit', 'items.blanket', 'items.clothes', 'family_links.call', 'first_aid', 'primary_health', 'shelter'].map((c) => ({ code: c, hours: 'Mo-Su 08:00-18:00' })),
    languages: ['ha', 'fr', 'ar'], hours: 'Mo-Su 08:00-18:00', time_zone: 'Africa/Niamey', beds: kind === 'response_centre' ? 40 : undefined, next_days: Array.from({ length: 7 }, (_, d) => ({ day: day(-d), hours: d === 3 ? [] : ['08:00-18:00'], ...(d === 3 ? { why: 'Tabaski' } : {}) })), visibility: 'coarse', open_now: state === 'open', number: 100 + i,
  }))
  const accounts = [
    ['aissa', 'Aïssa Moussa', 'volunteer'], ['ibrahim', 'Ibrahim Issoufou', 'point_lead'], ['mariama', 'Mariama Souley', 'protection_officer'], ['admin', 'Halima Admin', 'administrator'],
  ].map(([login, title, role]) => ({ id: randomUUID(), login, name: title, language: 'en', state: 'active', grants: [{ role, organisation: 'o1', ...(role === 'administrator' ? {} : { point: points[0].id }) }] }))
  const devices = [{ id: randomUUID(), name: 'Tablet 1', organisation: 'o1', point: points[0].id, enrolled: new Date(Date.now() - 9 * 86_400_000).toISOString() }, { id: randomUUID(), name: 'Tablet 2', organisation: 'o1', point: points[0].id, expires: new Date(Date.now() + 86_400_000).toISOString() }]
  const writers = []
  const blanks = ['7K4Q2M9D', '3F8RW1XT', '9ABN5C0H'].map((serial, i) => ({ card: randomUUID(), serial, point: points[0].id, printed: day(3), expires: day(-120), state: ['here', 'given', 'lost'][i], ...(i === 1 ? { given: day(1) } : {}) }))
  accounts.push({ id: randomUUID(), login: 'rahma', name: 'Rahma Idi', language: 'fr', state: 'active', second_factor: true, grants: [{ id: randomUUID(), role: 'programme_manager', organisation: 'o1' }, { id: randomUUID(), role: 'administrator', organisation: 'o1', pending: true, asked_by: accounts[2].id }] })
  for (const a of accounts) for (const g of a.grants) g.id ??= randomUUID()
  const state = { contacts: [], arrivals: [], people: new Map(), cards: new Map(), sheets: [], sessions: new Map(), keys: new Map(), looks: [], down: false, expire: false, requests: [], files: [] }
  const stale = randomUUID()
  const sampleCard = 'AC1:6BFOXN TS3DH0YOJ58S S-W5HDC *M0II5XHC9B5G2+$N IOP-IA%NFQGRJPC%OQHIZC4.OI1RM8ZA.A5:S9MKN4NN3F85QNCY0O%0VZ001HOC9JU0D0HT0HB2PR78DGFJOM1'
  state.cards.set(sampleCard, { card: randomUUID(), sequence: 2, entries: [[9, 'hygiene_kit', 1], [9, 'food.meal', 2], [23, 'items.blanket', 1]].map(([d, service, quantity]) => ({ day: day(d), service, quantity, point: { number: 100, code: 'NE-AGZ', name: 'Agadez, HSP at the bus station' } })), issuer: { number: 3, code: 'NRC', name: 'Niger Red Cross' } })
  const addPerson = (p) => state.people.set(p.person, { state: 'open', heads: { name: [randomUUID()], sex: [randomUUID()], age: [randomUUID()] }, companions: [], conflicts: [], bases: [], created: new Date().toISOString(), recorded_by: 'Aïssa Moussa', point: points[0].id, interpreter: false, languages: ['ha'], needs: [], ...p })
  addPerson({ person: stale, name: { parts: ['Fatima', 'Abdou'], script: 'latin' }, sex: 'F', age: { low: 24, high: 28, on: day(2), method: 'stated' }, needs: ['food_water', 'call_family'],
    bases: [{ id: randomUUID(), basis: 'consent', purpose: 'file', language: 'ha', how: 'spoken', answer: 'yes', day: day(2) }], companions: [{ person: randomUUID(), since: day(2), relation: '' }],
    conflicts: [{ field: 'age', values: [{ fact: randomUUID(), value: { low: 24, high: 28, on: day(2), method: 'stated' }, who: 'Aïssa Moussa', point: points[0].id, when: new Date(Date.now() - 86_400_000).toISOString() }, { fact: randomUUID(), value: { low: 19, high: 19, on: day(1), method: 'stated' }, who: 'Ibrahim Issoufou', point: points[1].id, when: new Date().toISOString() }] }] })

  // A full point: as many people as a share may hold, with the names of the route in several spellings.
  const firsts = ['Moussa', 'Musa', 'Mohamed', 'Muhammad', 'Fatima', 'Fatoumata', 'Ibrahim', 'Brahim', 'Zara', 'Aïssa', 'Ousmane', 'Halima', 'Khadija', 'Youssouf', 'Abdou', 'Mariama', 'Tesfay', 'Selam', 'Osas', 'Blessing']
  const lasts = ['Ibrahim', 'Diallo', 'Jallow', 'Traoré', 'Souley', 'Issoufou', 'Mahamat', 'Haile', 'Gebre', 'Okafor', 'Camara', 'Keita', 'Abakar']
  for (let i = 0; i < many; i++) addPerson({ person: randomUUID(), name: { parts: [firsts[i % firsts.length], lasts[(i * 7) % lasts.length], lasts[(i * 3 + 1) % lasts.length]], script: 'latin' }, sex: i % 3 ? 'M' : 'F', age: { low: 18 + (i % 40), high: 20 + (i % 40), on: day(0), method: 'stated' } })

  // What devices seal to this node is opened as a real node does it; the signature is checked against the device key.
  const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })
  const intake = await suite.kem.generateKeyPair()
  const intakePublic = Buffer.from(await suite.kem.serializePublicKey(intake.publicKey))
  const signers = new Map()
  const bytes = (text) => new Uint8Array(Buffer.from(text, 'base64url'))
  const opened = async (enc, sealed, info, aad) => {
    const receiver = await suite.createRecipientContext({ recipientKey: intake.privateKey, enc: bytes(enc).buffer, info: new TextEncoder().encode(info).buffer })
    return JSON.parse(Buffer.from(await receiver.open(bytes(sealed).buffer, new TextEncoder().encode(aad).buffer)).toString())
  }
  async function take(e, reader) {
    const refuse = (status, code) => ({ key: e.key, status, code })
    const by = signers.get(e.signer)
    if (!by) return refuse(403, 'outbox.unknown_key')
    const text = `serai outbox 1|${e.key}|${e.signer}|${e.enc}|${e.sealed}${e.subject ? '|' + e.subject : ''}`
    const key = await crypto.subtle.importKey('raw', by.open, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify'])
    if (!(await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, bytes(e.sig), new TextEncoder().encode(text)))) return refuse(403, 'outbox.bad_signature')
    const made = await opened(e.enc, e.sealed, 'serai outbox 1', `1|${e.key}|${e.signer}`).catch(() => null)
    if (!made) return refuse(422, 'outbox.sealed_otherwise')
    const kept = state.keys.get(e.key)
    if (kept) return kept
    const { status, body } = perform(made.method, new URL(made.path, 'http://node'), made.body, e.key, by.account)
    const result = status < 300 ? { key: e.key, status, ...(reader === by.account ? { answer: body } : {}) } : { key: e.key, status, code: body?.code, detail: body?.detail, errors: body?.errors }
    if (status < 300) state.keys.set(e.key, result)
    return result
  }

  const problem = (status, code, detail = '', errors = []) => ({ status, type: 'application/problem+json', body: { title: code, status, code, detail, errors } })
  const services = () => ({ version: 1, services: json('services.json') })
  const lists = () => ({ version: 1, ...json('lists.json'), consent: json('consent.json') })
  const me = (a) => ({
    account: { id: a.id, name: a.name, login: a.login, language: a.language }, organisation: { id: 'o1', code: 'NRC', name: organisation }, grants: a.grants, permissions: [...new Set(permissions[a.grants[0].role].split(' '))],
    points: a.grants[0].role === 'administrator' ? [] : points.map(({ id, code, name: n }) => ({ id, code, name: n })), node: { id: 'n1', label: name, demo: true, version: '0.1.0' }, session: { expires: new Date(Date.now() + 7 * 86_400_000).toISOString(), full: true },
  })
  const card = (c) => ({ card: c.card, text: c.text, svg_url: `/api/cards/${c.card}/card.svg`, png_url: `/api/cards/${c.card}/card.png`, pdf_url: `/api/cards/${c.card}/card.pdf`, print_url: `/api/cards/${c.card}/print`, entries: c.entries.length, expires: day(-120), sequence: c.sequence })
  const print = (entries, sequence) => {
    const c = { card: randomUUID(), text: 'AC1:' + randomUUID().replaceAll('-', '').toUpperCase().repeat(4), entries, sequence, issuer: { number: 3, code: 'NRC', name: organisation } }
    state.cards.set(c.text, c)
    return c
  }
  const initials = (p) => p.name?.parts.map((x) => x[0]).join('') ?? ''

  const routes = {
    'POST /api/session': (b, q, r) => {
      const a = accounts.find((x) => x.login === b.login)
      if (!a || (b.password !== 'demo' && !(b.pin === '8305' && b.device === devices[0].id))) return problem(401, 'accounts.sign_in_failed')
      const token = randomUUID()
      state.sessions.set(token, a)
      r.setHeader('Set-Cookie', `fake=${token}; HttpOnly; SameSite=Strict; Path=/`)
      return { account: me(a).account }
    },
    'DELETE /api/session': (b, q, r, a, token) => void state.sessions.delete(token),
    'GET /api/me': (b, q, r, a) => me(a),
    'PATCH /api/me': (b, q, r, a) => me(a),
    'GET /api/outbox/key': () => ({ node: 'n1', id: 'k1', public: intakePublic.toString('base64url') }),
    'POST /api/me/device-key': async (b, q, r, a) => {
      const open = bytes(b.public)
      const signer = Buffer.from((await crypto.subtle.digest('SHA-256', open)).slice(0, 16)).toString('base64url')
      signers.set(signer, { open, account: a })
      return { signer, until: new Date(Date.now() + 30 * 86_400_000).toISOString() }
    },
    'GET /api/me/device-keys': (b, q, r, a) => ({ keys: [...signers].filter(([, s]) => s.account === a).map(([signer, s], i) => ({ signer, created: s.created ?? new Date(Date.now() - i * 86_400_000).toISOString(), until: new Date(Date.now() + 30 * 86_400_000).toISOString() })) }),
    'DELETE /api/me/device-keys/:key': (b, q, r, a, t, key) => void signers.delete(key),
    'GET /api/hub': () => ({ kind: 'local', names: ['agadez.local', 'agadez.home.arpa', '192.168.8.1'], from: day(40) + 'T00:00:00Z', until: day(-80) + 'T00:00:00Z', renewal: day(-50) + 'T00:00:00Z', ends: day(-3600) + 'T00:00:00Z', now: new Date().toISOString(), root: { sha256: Array.from({ length: 16 }, (_, i) => (0xa3f1 - i * 977).toString(16).toUpperCase()).join(' '), words: 'absorb river lantern goat salt moon tent well'.split(' '), number: '1234 5678 9012 3456 7890' } }),
    'POST /api/outbox': async (b, q, r, a) => {
      const results = []
      for (const e of b.entries) results.push(await take(e, a))
      return { results }
    },
    'POST /api/device/restore': async (b, q, r, a) => {
      const inside = await opened(b.wrapped.enc, b.wrapped.sealed, 'serai vault 1', a.id).catch(() => null)
      return inside?.account === a.id ? { vault: inside.vault } : problem(403, 'outbox.vault_of_another')
    },
    'POST /api/looks': (b) => (state.looks.push(...b.looks), {}),
    'GET /api/share': () => ({ at: new Date().toISOString(), point: points[0].id, people: [...state.people.values()].map((p) => ({ ...p, history: routes['GET /api/people/:id/history']().entries, last_day: day(2), last_point: points[0].id })), arrivals: state.arrivals, contacts: state.contacts.map((c) => ({ ...c })), removed: [], all: [...state.people.keys()], more: false }),
    'GET /api/services': services,
    'GET /api/lists': lists,
    'GET /api/points': () => ({ points }),
    'GET /api/points/:id': (b, q, r, a, t, id) => points.find((p) => p.id === id || p.code === id) ?? problem(404, 'not_found'),
    'POST /api/points/:id/state': (b, q, r, a, t, id) => Object.assign(points.find((p) => p.id === id), { state: b.state }),
    'GET /api/points/:id/days': () => ({ days: [{ day: day(1), opened: '08:05', closed: '18:00', staff_women: 2, staff_men: 1, volunteers_women: 4, volunteers_men: 3, hours: 62, turned_away: 12 }] }),
    'POST /api/points/:id/days': (b) => b,
    'POST /api/points/:id/exceptions': (b, q, r, a, t, id) => Object.assign(points.find((p) => p.id === id), { exceptions: [b] }),
    'POST /api/points/:id/position': (b, q, r, a, t, id) => Object.assign(points.find((p) => p.id === id), { itinerary: [b] }),
    'PATCH /api/points/:id': (b, q, r, a, t, id) => Object.assign(points.find((p) => p.id === id), b),
    'GET /api/routes': () => ({ routes: [{ id: 'r1', code: 'sahara-west', name: 'Agadez to Algeria and back', legs: [{ order: 1, point: points[0] }, { order: 2, point: points[1], mode: 'road', hours: 6 }, { order: 3, point: points[2], mode: 'truck', hours: 10 }, { order: 4, place: 'Tamanrasset', lat: 22.785, lon: 5.52278, mode: 'truck', hours: 14 }] }] }),
    'GET /api/board': (b, q) => {
      const route = { id: 'r1', code: 'sahara-west', name: 'Agadez to Algeria and back', points: 3, own: 3, reversed: q.get('reversed') === 'true' }
      const stops = points.map((p, i) => ({
        order: i + 1, ...(i ? { mode: ['', 'road', 'truck'][i], hours: [0, 6, 10][i] } : {}), point: { ...p, place: p.place.name, services: p.services.map((s) => s.code ?? s), heard: new Date(Date.now() - (i + 1) * 5_000_000).toISOString() },
        figures: { to: day(), contacts: [41, 57, 38, 62, null, 49, i ? null : 22].map((n) => n && n - i * 17), services: 690 - i * 200, total: 269 - i * 90, persons: { low: 101, central: 188, high: 240 }, unmet: i ? [] : [{ code: 'primary_health', persons: 14 }, { code: 'items.blanket', persons: 6 }], expected: i === 2 ? [] : [{ from: points[i + 1], hours: [6, 10][i], ...(i ? { few: true } : { persons: { low: 9, central: 16, high: 21 } }) }] },
        ...(i ? {} : { low: [{ item: 'water', labels: { en: 'Water, litre', fr: 'Eau, litre', ar: 'ماء، لتر', es: 'Agua, litro' }, held: 140, mark: 200 }] }), log: { day: day(1), turned_away: 12, staff: 10, ...(p.beds ? { beds_used: 43 } : {}) },
      }))
      return { at: new Date().toISOString(), expected_by: 'contacts_of_3_days', routes: [route], route, stops: [...stops, { order: 4, place: 'Tamanrasset', mode: 'truck', hours: 14 }] }
    },
    'POST /api/contacts': (b, q, r, a) => {
      const text = b.card && state.cards.get(b.card)
      const person = b.person && state.people.get(b.person)
      const questions = (b.services ?? []).filter((s) => text?.entries.some((e) => e.service === s.code && s.code === 'hygiene_kit')).map((s) => ({ code: 'assist.asks_interval', service: s.code, last_day: day(9), days_ago: 9, count: 1, limit: 1, hours: 720 }))
      const persons = b.tally ? Object.values(b.tally.buttons).reduce((x, y) => x + y, 0) : (b.for_persons ?? 1)
      const c = { contact: b.id, point: b.point, day: day(), happened: b.happened, recorded: new Date().toISOString(), person: b.person, initials: person ? initials(person) : '', persons, sex: b.sex ?? '', age_band: '', services: b.services ?? [], asked: b.asked ?? [], group: b.group, stage: b.stage, entry: b.entry, state: 'recorded', mine: true, by: a.login, questions }
      if (!state.contacts.some((x) => x.contact === c.contact)) state.contacts.push(c)
      return [201, c]
    },
    'GET /api/contacts': () => ({ day: day(), contacts: state.contacts, totals: { services: state.contacts.flatMap((c) => (c.state === 'undone' ? [] : c.services)).reduce((n, s) => n + s.quantity, 0), contacts: state.contacts.filter((c) => c.state !== 'undone').reduce((n, c) => n + c.persons, 0), known: new Set(state.contacts.map((c) => c.person).filter(Boolean)).size } }),
    'POST /api/contacts/:id/undo': (b, q, r, a, t, id) => Object.assign(state.contacts.find((c) => c.contact === id) ?? {}, { state: 'undone' }),
    'POST /api/contacts/:id/corrections': (b, q, r, a, t, id) => [201, Object.assign(state.contacts.find((c) => c.contact === id) ?? {}, b.changes)],
    'POST /api/arrivals/:id/link': (b, q, r, a, t, id) => (Object.assign(state.contacts.find((c) => c.contact === b.contact) ?? {}, { arrival: id }), {}),
    'POST /api/arrivals': (b) => {
      const total = Object.values(b.size).reduce((x, y) => x + y, 0)
      const made = { arrival: b.id, point: b.point, day: day(), happened: b.happened, kind: b.kind, total, linked: 0, services: b.services ?? [], asked: b.asked ?? [], state: 'recorded' }
      state.arrivals.push(made)
      return [201, made]
    },
    'GET /api/arrivals': () => ({ arrivals: state.arrivals }),
    'POST /api/tally-sheets': (b) => (state.sheets.push(b), [201, { contacts: 1, services: b.rows.reduce((n, x) => n + x.count, 0) }]),
    'POST /api/sealed-tallies': () => [201, {}],
    'POST /api/people': (b) => {
      if (!b.basis) return problem(422, 'people.basis_missing', '', [{ field: 'body.basis', code: 'web.missing' }])
      addPerson({ person: b.id, name: b.name ?? null, sex: b.sex, age: b.age ?? null, languages: b.languages, interpreter: b.interpreter, needs: b.needs, bases: [{ ...b.basis, day: day() }] })
      return [201, state.people.get(b.id)]
    },
    'POST /api/people/search': (b) => {
      const words = (b.name ?? '').toLowerCase()
      const found = [...state.people.values()].filter((p) => p.name?.parts.join(' ').toLowerCase().includes(words.slice(0, 4)))
      return { results: found.slice(0, 3).map((p) => ({ person: p.person, name: p.name, sex: p.sex, age: p.age, last_point: points[0].id, last_day: day(2) })), more: found.length > 3 }
    },
    'GET /api/people/today': () => ({ people: [...state.people.values()].map((p) => ({ person: p.person, initials: initials(p), sex: p.sex, age_band: p.age ? `${p.age.low}–${p.age.high}` : '', served: state.contacts.some((c) => c.person === p.person) })) }),
    'GET /api/people/:id': (b, q, r, a, t, id) => state.people.get(id) ?? problem(404, 'not_found'),
    'PATCH /api/people/:id': (b, q, r, a, t, id) => {
      const p = state.people.get(id)
      for (const [field, set] of Object.entries(b.changes)) if (set?.replaces) p[field] = set.value ?? null
      p.needs = [...p.needs.filter((n) => !(b.changes.needs_remove ?? []).includes(n)), ...(b.changes.needs_add ?? [])]
      p.conflicts = p.conflicts.filter((c) => !b.changes[c.field])
      return p
    },
    'GET /api/people/:id/history': () => ({ entries: [{ day: day(2), point: points[0], service: 'hygiene_kit', quantity: 1, source: 'here' }, { day: day(2), point: points[0], service: 'food.meal', quantity: 2, source: 'here' }, { day: day(40), point: { code: 'NE-ARL', name: 'Arlit, mobile HSP' }, service: 'items.blanket', quantity: 1, source: 'card' }], unmet: [{ day: day(2), code: 'primary_health', reason: 'closed' }] }),
    'POST /api/people/:id/events': () => [201, {}],
    'POST /api/people/:id/companions': (b, q, r, a, t, id) => (state.people.get(id).companions.push({ person: b.with, since: day(), relation: b.relation ?? '' }), [201, state.people.get(id)]),
    'POST /api/people/:id/bases': (b, q, r, a, t, id) => (state.people.get(id).bases.push({ ...b, day: day() }), [201, b]),
    'POST /api/people/:id/erase': (b, q, r, a, t, id) => (state.people.delete(id), { erased: true, receipt: 'ER-7K4Q-2M9D' }),
    'POST /api/people/:id/bases/:other/withdraw': (b, q, r, a, t, id, other) => Object.assign(state.people.get(id).bases.find((x) => x.id === other), { withdrawn: day() }),
    'GET /api/people/:id/access-log': () => ({ entries: [{ at: new Date().toISOString(), who: 'Aïssa Moussa', role: 'volunteer', action: 'people.read', outcome: 'seen' }, { at: new Date().toISOString(), who: 'Halima Admin', role: 'administrator', action: 'people.read', outcome: 'refused' }] }),
    'POST /api/cards': (b) => [201, card(print(state.contacts.filter((c) => b.contacts?.includes(c.contact)).flatMap((c) => c.services.map((s) => ({ day: day(), service: s.code, quantity: s.quantity, point: { code: 'NE-AGZ', name: 'Agadez' } }))), 1))],
    'POST /api/cards/read': (b) => {
      const c = state.cards.get(b.text)
      if (!c) return b.text.startsWith('AC1:') ? { status: 'unverified', codes: ['card.unverified'], entries: [], here: [], issuer: null } : { status: 'not_a_card', codes: [], entries: [], here: [], issuer: null }
      return { status: c.sequence === 2 ? 'warn' : 'ok', codes: c.sequence === 2 ? ['card.expired'] : [], card: c.card, lineage_handle: randomUUID(), entries: c.entries, here: [], issuer: c.issuer, expires: day(-100), sequence: c.sequence, questions: [] }
    },
    'POST /api/cards/update': (b) => {
      const old = state.cards.get(b.text)
      return [201, card(print([...(old?.entries ?? []), ...b.services.map((s) => ({ day: day(), service: s.code, quantity: s.quantity, point: { code: 'NE-AGZ', name: 'Agadez' } }))], (old?.sequence ?? 1) + 1))]
    },
    'GET /api/cards/stock': () => ({ cards: blanks }),
    'POST /api/cards/stock': (b) => {
      const made = Array.from({ length: b.count }, (_, i) => ({ card: randomUUID(), serial: String(10_000_000 + blanks.length + i), point: b.point, printed: day(), expires: day(-120), state: 'here' }))
      blanks.unshift(...made)
      return [201, { stock: b.id, cards: made, print_url: `/print/card-stock/${b.id}`, pdf_url: `/api/card-stock/${b.id}/sheet.pdf` }]
    },
    'POST /api/card-stock/:id/lost': (b, q, r, a, t, id) => (Object.assign(blanks.find((x) => x.card === id), { state: 'lost' }), {}),
    'GET /api/devices': () => ({ devices }),
    'POST /api/devices': (b) => (devices.push({ ...b, organisation: 'o1', expires: new Date(Date.now() + 7 * 86_400_000).toISOString() }), [201, { device: b.id, code: 'M7TR-XKQ4-2D', expires: devices.at(-1).expires }]),
    'POST /api/devices/enrol': (b) => (b.code ? { device: devices[0].id, secret: 'A'.repeat(43), name: devices[0].name, organisation: 'o1', point: points[0].id } : problem(422, 'accounts.bad_code')),
    'GET /api/card-devices': () => ({ devices: writers, spare: 2 - writers.length }),
    'POST /api/card-devices/:id': (b, q, r, a, t, id) => (writers.push({ device: id, point: points[0].id, allowed: new Date().toISOString(), key: 'a1b2c3d4', state: 'ready' }), writers.at(-1)),
    'POST /api/card-devices/:id/end': (b, q, r, a, t, id) => void writers.splice(writers.findIndex((w) => w.device === id), 1),
    'DELETE /api/devices/:id': (b, q, r, a, t, id) => void devices.splice(devices.findIndex((d) => d.id === id), 1),
    'GET /api/accounts/:id/history': () => ({ events: [{ at: new Date(Date.now() - 86_400_000).toISOString(), by: 'Halima Admin', action: 'accounts.opened' }, { at: new Date().toISOString(), by: 'Mariama Souley', action: 'accounts.role_asked', detail: 'administrator o1' }] }),
    'POST /api/grants/:id/approval': (b, q, r, a, t, id) => (Object.assign(accounts.flatMap((x) => x.grants).find((g) => g.id === id), { pending: false }), {}),
    'GET /api/counts': (b, q) => {
      const by = (q.get('by') ?? 'service').split(',')
      const rows = (by[0] === 'service' ? ['food.meal', 'water', 'hygiene_kit', 'family_links.call', 'first_aid', 'items.blanket'] : by[0] === 'sex' ? ['F', 'M', 'not_disaggregated'] : by[0] === 'day' ? Array.from({ length: 14 }, (_, i) => day(13 - i)) : ['0-5', '6-12', '13-17', '18-29', '30-39', 'not_disaggregated']).map((k, i) => ({ key: Object.fromEntries(by.map((c) => [c, c === by[0] ? k : 'F'])), services: 940 - i * 117, contacts: 610 - i * 71, persons: { low: 300 - i * 30, central: 360 - i * 33, high: 430 - i * 36 }, unmet: i * 7 }))
      return { from: q.get('from'), to: q.get('to'), by, scheme: q.get('scheme'), rows, totals: { services: 4210, contacts: 2614, persons: { low: 1180, central: 1322, high: 1507 }, unmet: 105 }, notes: ['counts.not_for_publication'] }
    },
    'GET /api/accounts': () => ({ accounts }),
    'POST /api/accounts': (b) => (accounts.push({ id: randomUUID(), state: 'invited', ...b }), [201, { account: randomUUID(), invitation: { code: 'KQ4M-7TRX-2D', expires: new Date().toISOString() } }]),
    'PATCH /api/accounts/:id': (b, q, r, a, t, id) => (Object.assign(accounts.find((x) => x.id === id), b), {}),
  }
  const table = Object.entries(routes).map(([key, run]) => {
    const [method, path] = key.split(' ')
    return { method, run, match: new RegExp('^' + path.replace(/:\w+/g, '([^/]+)') + '$') }
  })

  const server = createServer(async (request, answer) => {
    const url = new URL(request.url, 'http://node')
    if (state.down && url.pathname.startsWith('/api/')) return request.socket.destroy()
    answer.setHeader('Content-Security-Policy', policy)
    answer.setHeader('X-Content-Type-Options', 'nosniff')
    answer.setHeader('Referrer-Policy', 'no-referrer')
    if (!url.pathname.startsWith('/api/')) return file(url.pathname, answer)
    answer.setHeader('Cache-Control', 'no-store')
    if (/\/card\.svg$/.test(url.pathname)) {
      answer.setHeader('Content-Type', 'image/svg+xml')
      return answer.end(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29">${Array.from({ length: 290 }, (_, i) => `<path d="M${(i * 7919) % 29} ${(i * 104729) % 28}h1v1h-1z"/>`).join('')}</svg>`)
    }
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const body = chunks.length ? JSON.parse(Buffer.concat(chunks).toString()) : undefined
    const token = /fake=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1]
    const account = state.sessions.get(token)
    const result = await perform(request.method, url, body, request.headers['idempotency-key'], account, token, answer)
    answer.statusCode = result.status
    if (result.body === undefined) return answer.end()
    answer.setHeader('Content-Type', result.status < 400 ? 'application/json' : 'application/problem+json')
    answer.end(JSON.stringify(result.body))
  })

  /** perform does one request, or one command that a device sealed; only the doors answer later. */
  function perform(method, url, body, key, account, token, answer) {
    state.requests.push({ method, path: url.pathname, body, key })
    const found = table.find((r) => r.method === method && r.match.test(url.pathname))
    const open = ['/api/session', '/api/devices/enrol', '/api/outbox', '/api/outbox/key'].includes(url.pathname)
    if (!found) return told(problem(404, 'web.no_route'))
    if (!account && !open) return told(problem(401, 'web.signed_out'))
    const result = found.run(body, url.searchParams, answer, account, token, ...found.match.exec(url.pathname).slice(1))
    return result instanceof Promise ? result.then(told) : told(result)
  }
  function told(result) {
    const [status, body] = Array.isArray(result) ? result : [200, result]
    if (body === undefined) return { status: 204 }
    return body?.type === 'application/problem+json' ? { status: body.status, body: body.body } : { status, body }
  }

  function file(path, answer) {
    if (path === '/') path = '/desk/'
    const inside = normalize(path.replace(/^\/desk\//, '/'))
    const wanted = join(dist, inside)
    if (extname(inside) && !existsSync(wanted)) {
      answer.statusCode = 404
      return answer.end()
    }
    state.files.push(inside)
    const real = extname(inside) ? wanted : join(dist, 'index.html')
    if (inside === '/sw.js') answer.setHeader('Content-Security-Policy', workerPolicy)
    answer.setHeader('Cache-Control', inside.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache')
    answer.setHeader('Content-Type', types[extname(real)] ?? 'application/octet-stream')
    answer.end(readFileSync(real))
  }
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { url: `http://localhost:${server.address().port}`, state, sampleCard, person: stale, points, stop: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve) }) }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const node = await fakeNode({ port: Number(process.argv[2] ?? 8087) })
  console.log(`${node.url}/desk/ · sign in as aissa, ibrahim, mariama or admin, password demo · card ${node.sampleCard}`)
}
