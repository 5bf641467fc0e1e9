import { describe, expect, it } from 'vitest'
import { isShort } from '@/app/storage'
import { restful } from '@/app/update'

const mb = 2 ** 20

describe('another version', () => {
  it('is taken over by itself only where nothing is half done', () => {
    expect(restful('home', false, false)).toBe(true)
    expect(restful('serve', false, false)).toBe(false)
    expect(restful('file-new', false, false)).toBe(false)
    expect(restful(undefined, false, false)).toBe(false)
  })
  it('waits for what was typed and for a question that is open', () => {
    expect(restful('settings', true, false)).toBe(false)
    expect(restful('home', false, true)).toBe(false)
  })
})

describe('room on the device', () => {
  it.each([
    [10 * mb, 1000 * mb, false],
    [960 * mb, 1000 * mb, true],
    [70 * mb, 100 * mb, true],
    [9100 * mb, 10_000 * mb, true],
    [0, 0, false],
  ])('%d of %d', (used, whole, short) => {
    expect(isShort(used, whole)).toBe(short)
  })
})
