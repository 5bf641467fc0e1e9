/** asking tells what somebody typed or scanned: the number of a file as it stands on a copy, or the text of a card. */
export function asking(typed: string): { person: string } | { card: string } | null {
  const text = typed.trim()
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return { person: text.toLowerCase() }
  return /^AC1:/i.test(text) ? { card: text } : null
}
