// Which cards of a row count: a camera sees the same card many times before the hand takes it away.

/** Line lets a card through, and not again within the time that it takes to put it down. */
export class Line {
  private last = ''
  private seen = -Infinity
  constructor(private readonly again = 3000) {}

  /** next tells whether the text that is in view at this time (milliseconds) is a new card of the row. */
  next(text: string, at: number): boolean {
    const same = text === this.last && at - this.seen < this.again
    this.last = text
    this.seen = at
    return !same
  }
}
