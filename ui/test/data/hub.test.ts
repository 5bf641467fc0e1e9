import { describe, expect, it } from 'vitest'
import { addressOf, troubles } from '@/data/hub'
import type { Hub } from '@/data/wire'

const now = '2026-03-10T08:00:00Z'
const local = (more: Partial<Hub> = {}): Hub => ({ kind: 'local', names: ['agadez.local', '192.168.8.1'], from: '2026-01-20T00:00:00Z', until: '2026-05-20T00:00:00Z', renewal: '2026-04-20T00:00:00Z', ends: '2036-01-20T00:00:00Z', now, ...more })
const kinds = (h: Hub, device = now) => troubles(h, Date.parse(device)).map((w) => w.kind)

describe('what is wrong with the way to a hub', () => {
  it('is nothing on a good day', () => expect(kinds(local())).toEqual([]))
  it('is nothing on a node without a certificate', () => expect(kinds({ kind: 'none', names: [], now })).toEqual([]))
  it('is another machine that answers to the name', () => expect(troubles(local({ rivals: [{ name: 'agadez.local', address: '192.168.8.77', last: now }] }), Date.parse(now))[0]).toEqual({ kind: 'rival', name: 'agadez.local', address: '192.168.8.77', last: now }))
  it('is a device whose clock is an hour off, also without a certificate', () => {
    expect(kinds(local(), '2026-03-10T09:00:00Z')).toEqual(['clocks'])
    expect(kinds({ kind: 'none', names: [], now }, '2024-03-10T08:00:00Z')).toEqual(['clocks'])
    expect(kinds(local(), '2026-03-10T08:04:00Z')).toEqual([])
  })
  it('is a node that forgot the time', () => expect(kinds(local({ now: '1970-01-01T00:05:00Z' }), '1970-01-01T00:05:00Z')).toEqual(['clock']))
  it('is a certificate that nobody renewed', () => {
    expect(kinds(local({ until: '2026-03-20T00:00:00Z' }))).toEqual(['ends'])
    expect(kinds(local({ until: '2026-03-09T00:00:00Z' }))).toEqual(['ended'])
  })
  it('is an authority in its last year', () => expect(kinds(local({ ends: '2026-12-01T00:00:00Z' }))).toEqual(['authority']))
  it('is a public certificate that was not given yet', () => expect(kinds({ kind: 'acme', names: ['help.example.org'], now })).toEqual(['waiting']))
})

describe('the address of a hub', () => {
  it('keeps the port under which the desk is reached', () => expect(addressOf('agadez.local', { protocol: 'https:', port: '8443' })).toBe('https://agadez.local:8443'))
  it('has none where there is none', () => expect(addressOf('agadez.local', { protocol: 'https:', port: '' })).toBe('https://agadez.local'))
  it('never takes over the port of the open door on the machine itself', () => expect(addressOf('agadez.local', { protocol: 'http:', port: '8087' })).toBe('https://agadez.local'))
  it('puts an address of IPv6 between brackets', () => expect(addressOf('fd00::1', { protocol: 'https:', port: '' })).toBe('https://[fd00::1]'))
})
