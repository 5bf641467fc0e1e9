import { describe, expect, it } from 'vitest'
import { uuid7 } from '@/data/uuid7'

describe('ids made on the device', () => {
  it('are UUIDs of version 7 and the RFC variant', () => {
    expect(uuid7()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
  it('carry the time of their birth in milliseconds', () => {
    const future = Date.now() + 3_600_000
    expect(Number.parseInt(uuid7(future).replaceAll('-', '').slice(0, 12), 16)).toBe(future)
  })
  it('grow within a millisecond, beyond the room of one, and when the clock goes back', () => {
    const start = Date.now() + 7_200_000
    const ids = [...Array.from({ length: 9000 }, () => uuid7(start)), uuid7(start - 86_400_000), uuid7(0)]
    expect([...ids].sort()).toEqual(ids)
    expect(new Set(ids).size).toBe(ids.length)
  })
})
