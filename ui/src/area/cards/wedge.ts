// A hand scanner is a keyboard that types very fast and ends with Enter. Screens that hold no field of their own listen
// for a card typed that way.

import { onBeforeUnmount, onMounted } from 'vue'
import { useRouter } from 'vue-router'
import { can } from '@/app/session'
import { subjectText } from '@/app/subject'

/** Wedge collects keys that follow each other faster than hands can, and gives the text at Enter when it is a card. */
export class Wedge {
  private text = ''
  private last = 0
  constructor(private readonly within = 80) {}

  /** key takes one key with its time in milliseconds; it answers the card's text when the key completed one. */
  key(key: string, at: number): string | null {
    if (at - this.last > this.within) this.text = ''
    this.last = at
    if (key === 'Enter') {
      const text = this.text
      this.text = ''
      return /^AC1:/i.test(text) && text.length > 20 ? text.toUpperCase() : null
    }
    if (key.length === 1 && this.text.length < 700) this.text += key
    return null
  }
}

export function useWedge(): void {
  const router = useRouter()
  const wedge = new Wedge()
  function key(event: KeyboardEvent) {
    if ((event.target as HTMLElement).closest('input, textarea, select')) return
    const text = wedge.key(event.key, event.timeStamp)
    if (!text || !can('cards.read')) return
    event.preventDefault()
    subjectText(text)
    void router.push({ name: 'card' })
  }
  onMounted(() => addEventListener('keydown', key))
  onBeforeUnmount(() => removeEventListener('keydown', key))
}
