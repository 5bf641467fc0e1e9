import { call } from './client'
import type { Day, DayLog, Point } from './wire'

export const points = (query: { country?: string; kind?: string; organisation?: string; q?: string } = {}) => call<{ points: Point[] }>('GET', '/api/points', { query })
export const point = (ref: string) => call<Point>('GET', `/api/points/${encodeURIComponent(ref)}`)
export const setState = (ref: string, change: { state: string; why: string; on: Day }) => call<Point>('POST', `/api/points/${encodeURIComponent(ref)}/state`, { body: change })
export const days = (ref: string, from: Day, to: Day) => call<{ days: DayLog[] }>('GET', `/api/points/${encodeURIComponent(ref)}/days`, { query: { from, to } })
export const logDay = (ref: string, log: DayLog) => call<DayLog>('POST', `/api/points/${encodeURIComponent(ref)}/days`, { body: log })
