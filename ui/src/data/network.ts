import { call } from './client'
import { record } from './outbox'
import { either } from './reach'
import { uuid7 } from './uuid7'
import * as vault from './vault'
import type { Board, Day, DayException, DayLog, Point, PointChanges, PointState, Route } from './wire'

// Counts and places of teams rest in the vault with the rest. These pages are about nobody and need no unlocking: with a
// closed vault and a silent node they say that the node is silent, and never wait for somebody to open it.
const remembered = <T>(name: string, remote: () => Promise<T>): Promise<T> =>
  either(
    async () => {
      const answer = await remote()
      if (vault.isOpen()) void vault.put('answers/' + name, answer).catch(() => {})
      return answer
    },
    async () => (vault.isOpen() ? await vault.get<T>('answers/' + name) : undefined),
  )

const at = (ref: string) => `/api/points/${encodeURIComponent(ref)}`

export const points = (query: { country?: string; kind?: string; organisation?: string; q?: string } = {}) =>
  remembered(`points/${Object.values(query).join('/')}`, () => call<{ points: Point[] }>('GET', '/api/points', { query }))
export const point = (ref: string) => remembered(`point/${ref}`, () => call<Point>('GET', at(ref)))
export const days = (ref: string, from: Day, to: Day) => remembered(`days/${ref}`, () => call<{ days: DayLog[] }>('GET', `${at(ref)}/days`, { query: { from, to } }))
export const routes = () => remembered('routes', () => call<{ routes: Route[] }>('GET', '/api/routes'))
export const board = (route = '', reversed = false) =>
  remembered(`board/${route}/${reversed}`, () => call<Board>('GET', '/api/board', { query: { route, reversed: reversed ? 'true' : undefined }, timeout: 30_000 }))

// What a lead says of the point is saved here first, as everything is. The fact's id is made on the device, so that sending twice says it once.
const say = (method: 'POST' | 'PATCH', point: string, path: string, body: object, label: string) =>
  record<unknown>({ method, path: at(point) + path, body: { id: uuid7(), ...body }, subject: `point/${point}`, label })

export const setState = (point: string, change: { state: PointState; why?: string; on: Day }) => say('POST', point, '/state', change, 'network.change_state')
export const logDay = (point: string, log: DayLog) => say('POST', point, '/days', log, 'network.days.title')
export const except = (point: string, day: DayException) => say('POST', point, '/exceptions', day, 'network.next.other')
export const stand = (point: string, where: { lat: number; lon: number; from: string; until: string }) => say('POST', point, '/position', where, 'network.where.title')
export const edit = (point: string, changes: PointChanges, replaces: Record<string, string[]>) => say('PATCH', point, '', { ...changes, replaces }, 'network.edit.title')
