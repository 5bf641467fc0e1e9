// The clock of a tablet may be years off. Every answer of the node tells its time; the difference is kept and added to
// what is written down here, also when the node is silent again.

const place = 'serai.clock'
/** Below this a difference says nothing: answers take time, and their time has whole seconds. */
const noise = 90_000

let offset = read()

function read(): number {
  try {
    const kept = Number(localStorage.getItem(place))
    return Number.isFinite(kept) ? kept : 0
  } catch {
    return 0
  }
}

/** raw is what this device believes, now what is true as far as the node has told; both in milliseconds since 1970. */
export const raw = () => Date.now()
export const now = () => Date.now() + offset
export const instant = () => new Date(now()).toISOString()
/** wrongBy is how many milliseconds are added to this device's clock; 0 when it is about right. */
export const wrongBy = () => offset

/** told takes the Date of an answer. */
export function told(header: string | null): void {
  const at = header ? Date.parse(header) : NaN
  if (Number.isNaN(at)) return
  const off = at - Date.now()
  const next = Math.abs(off) < noise ? 0 : off
  if (Math.abs(next - offset) < noise && (next === 0) === (offset === 0)) return
  offset = next
  try {
    if (offset === 0) localStorage.removeItem(place)
    else localStorage.setItem(place, String(Math.round(offset)))
  } catch {
    // Forgotten at the next opening, and told again at the next answer.
  }
}
