import { afterEach, describe, expect, it, vi } from 'vitest'
import { contactSent, helped, historyOf, nobody, subject, subjectFile, subjectRead, subjectText } from '@/app/subject'
import type { PersonFile, ReadCard } from '@/data/wire'

const read: ReadCard = {
  status: 'ok', codes: [], person: 'p1',
  entries: [{ day: '2026-03-22', service: 'hygiene_kit', quantity: 1, point: { number: 7 } }, { day: '2026-03-01', service: 'water', quantity: 2, point: { number: 7 } }],
  here: [{ day: '2026-03-30', service: 'food.meal', quantity: 1, point: { number: 9 } }, { day: '2026-03-22', service: 'hygiene_kit', quantity: 1, point: { number: 7 } }],
}
const file = { person: 'p1', name: { parts: ['Zara'] }, languages: ['ha'] } as PersonFile
afterEach(nobody)

describe('who is being helped', () => {
  it('has the help of the card and of our own records, newest first, each once', () => {
    expect(historyOf(read).map((e) => [e.day, e.service, e.source])).toEqual([['2026-03-30', 'food.meal', 'here'], ['2026-03-22', 'hygiene_kit', 'here'], ['2026-03-01', 'water', 'card']])
  })
  it('keeps the card when it led to the file', () => {
    subjectText('AC1:X')
    subjectRead(read)
    subjectFile(file, [])
    expect([subject.kind, subject.text, subject.language]).toEqual(['person', 'AC1:X', 'ha'])
  })
  it('loses the card of somebody else', () => {
    subjectText('AC1:X')
    subjectRead({ ...read, person: 'p2' })
    subjectFile(file, [])
    expect(subject.text).toBe('')
  })
  it('is nobody after the next', () => {
    subjectText('AC1:X')
    nobody()
    expect([subject.kind, subject.text, subject.history.length]).toEqual(['nobody', '', 0])
  })
  it('gets a card only when the node has the contact, and is told when it has not', async () => {
    vi.useFakeTimers()
    helped('c1', [], new Promise(() => {}))
    const waits = expect(contactSent(8000)).rejects.toMatchObject({ code: 'desk.contact_waits' })
    await vi.advanceTimersByTimeAsync(8001)
    await waits
    vi.useRealTimers()
    helped('c2', [], Promise.resolve())
    await expect(contactSent()).resolves.toBeUndefined()
  })
})
