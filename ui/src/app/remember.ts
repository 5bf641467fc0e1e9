// What this device remembers between two openings: choices of screen (language, point, usual services), never anything
// about a person. A browser that forbids storage forgets them, and everything else works.

const prefix = 'serai.'

export function kept<T>(name: string): T | null {
  try {
    const text = localStorage.getItem(prefix + name)
    return text === null ? null : (JSON.parse(text) as T)
  } catch {
    return null
  }
}

export function keep(name: string, value: unknown): void {
  try {
    if (value === null || value === undefined) localStorage.removeItem(prefix + name)
    else localStorage.setItem(prefix + name, JSON.stringify(value))
  } catch {
    // Full or forbidden: the next opening asks again.
  }
}
