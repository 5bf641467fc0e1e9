// The tally: one tap is one contact, and for ten seconds it can be taken back.

import { reactive } from 'vue'
import { undoContact, recordContact } from '@/data/assist'
import { instant } from '@/data/clock'
import { takeBack, type Entry } from '@/data/outbox'
import { uuid7 } from '@/data/uuid7'
import type { Contact, Given, RecordContact } from '@/data/wire'
import type { Details } from './habits'

export const undoFor = 10_000

export interface Tap { contact: string; button: string; at: number; entry: Entry<Contact>; undone: boolean }

/** Tally holds the taps of this opening of the screen. The clock is given, so that ten seconds pass in a test at once. */
export class Tally {
  readonly taps: Tap[] = reactive([])
  constructor(private readonly now: () => number = Date.now) {}

  tap(point: string, button: string, services: Given[], details: Details): Tap {
    const at = this.now()
    const contact: RecordContact = {
      id: uuid7(), point, happened: instant(), tally: { buttons: { [button]: 1 } }, entry: 'live',
      ...details, services: services.map((s) => ({ ...s })), asked: [],
    }
    const { entry } = recordContact(contact)
    const tap = reactive<Tap>({ contact: contact.id, button, at, entry: entry as Entry<Contact>, undone: false }) as Tap
    this.taps.push(tap)
    return tap
  }

  /** last is the newest tap that can still be taken back, or null. */
  last(): Tap | null {
    const tap = this.taps.findLast((t) => !t.undone)
    return tap && this.now() - tap.at < undoFor ? tap : null
  }

  /** undo takes the newest tap back: out of the queue when it has not left yet, by an undo record when it has. */
  undo(): Tap | null {
    const tap = this.last()
    if (!tap) return null
    tap.undone = true
    void takeBack(tap.entry as Entry).then((gone) => gone || undoContact(tap.contact, uuid7()))
    return tap
  }

  count(button: string): number {
    return this.taps.filter((t) => t.button === button && !t.undone).length
  }
}
