import { beforeEach, describe, expect, it, vi } from 'vitest'
import { connect } from '@/data/client'
import { again, backOff, clear, dismiss, needAttention, record, takeBack, unsent, type Write } from '@/data/outbox'

let answers: (number | 'silent')[] = []
const sent: { path: string; key: string }[] = []
const write = (path: string, subject = path): Write => ({ method: 'POST', path, body: {}, subject, label: 'outbox.contact' })

beforeEach(() => {
  vi.useFakeTimers()
  clear()
  sent.length = 0
  answers = []
  connect({
    heard: () => {},
    silent: () => {},
    fetch: async (url, init) => {
      const next = answers.shift() ?? 201
      if (next === 'silent') throw new TypeError('no network')
      sent.push({ path: String(url), key: (init!.headers as Record<string, string>)['Idempotency-Key']! })
      return new Response('{}', { status: next, headers: { 'Content-Type': next < 300 ? 'application/json' : 'application/problem+json' } })
    },
  })
  return () => {
    vi.useRealTimers()
  }
})

describe('what was tapped', () => {
  it('is marked as sent only when the node has it', async () => {
    const { entry, done } = record(write('/a'))
    expect(entry.mark).toBe('waiting')
    await done
    expect(entry.mark).toBe('sent')
    expect(unsent.value).toBe(0)
  })
  it('waits while the node is silent, and is sent once, with one key, when it is back', async () => {
    answers = ['silent', 'silent']
    const { entry, done } = record(write('/a'))
    await vi.advanceTimersByTimeAsync(1)
    expect([entry.mark, unsent.value]).toEqual(['waiting', 1])
    await vi.advanceTimersByTimeAsync(10_000)
    await done
    expect(entry.mark).toBe('sent')
    expect(sent).toEqual([{ path: '/a', key: entry.key }])
  })
  it('is tried again at once when the network comes back', async () => {
    answers = ['silent']
    const { done } = record(write('/a'))
    await vi.advanceTimersByTimeAsync(1)
    again()
    await done
    expect(sent).toHaveLength(1)
  })
  it('asks a silent node once, not once for each record', async () => {
    answers = ['silent']
    const all = [record(write('/a')), record(write('/b')), record(write('/c'))]
    await vi.advanceTimersByTimeAsync(1)
    expect(sent).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(5000)
    await Promise.all(all.map((r) => r.done))
    expect(sent.map((s) => s.path)).toEqual(['/a', '/b', '/c'])
  })
  it('keeps its order within one subject when the node is busy', async () => {
    answers = [503]
    const first = record(write('/contact', 'x'))
    const undo = record(write('/undo', 'x'))
    const other = record(write('/other', 'y'))
    await other.done
    expect(undo.entry.mark).toBe('waiting')
    await vi.advanceTimersByTimeAsync(5000)
    await Promise.all([first.done, undo.done])
    expect(sent.map((s) => s.path)).toEqual(['/contact', '/other', '/contact', '/undo'])
  })
  it('needs attention when it is refused, and stays until somebody deals with it', async () => {
    answers = [422]
    const { entry, done } = record(write('/a'))
    await expect(done).rejects.toMatchObject({ status: 422 })
    expect(entry.mark).toBe('attention')
    expect(needAttention.value.map((e) => e.key)).toEqual([entry.key])
    await vi.advanceTimersByTimeAsync(600_000)
    expect(needAttention.value).toHaveLength(1)
    dismiss(entry)
    expect(needAttention.value).toHaveLength(0)
  })
  it('does not let a refused record stop the next', async () => {
    answers = [422, 201]
    record(write('/a'))
    await record(write('/b')).done
    expect(sent.map((s) => s.path)).toEqual(['/a', '/b'])
  })
  it('can be taken back before it was ever tried, and not after', async () => {
    answers = ['silent']
    const tried = record(write('/a'))
    const untried = record(write('/b'))
    await vi.advanceTimersByTimeAsync(1)
    expect(takeBack(tried.entry)).toBe(false)
    expect(takeBack(untried.entry)).toBe(true)
    await vi.advanceTimersByTimeAsync(5000)
    expect(sent.map((s) => s.path)).toEqual(['/a'])
  })
  it('waits longer each time, and never more than a minute', () => {
    expect([1, 2, 3, 5, 6, 40].map(backOff)).toEqual([2000, 4000, 8000, 32_000, 60_000, 60_000])
  })
})
