// Codes are those of the node, so that a screen cannot tell who refused.

/** NotACard is why a text is no assistance card, or one of a later form. */
export class NotACard extends Error {
  constructor(readonly code = 'card.malformed') {
    super(code)
    this.name = 'NotACard'
  }
}

export interface Refused { code: string; field?: string }
/** Refusal is why a card is not printed; every reason at once. */
export class Refusal extends Error {
  constructor(readonly reasons: Refused[]) {
    super(reasons[0]!.code)
    this.name = 'Refusal'
  }
  get code(): string {
    return this.reasons[0]!.code
  }
}
