// Reading a QR code from a picture. The reader is WebAssembly that this node serves itself; it loads when first needed.

import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'

/** Reading is a card's text when one was read; `seen` when a code was found that could not be read: move closer. */
export interface Reading { text: string | null; seen: boolean }

let ready: Promise<unknown> | null = null

/** load fetches the reader, once. */
export function load(): Promise<unknown> {
  ready ??= Promise.resolve(prepareZXingModule({ overrides: { locateFile: (name: string, prefix: string) => (name.endsWith('.wasm') ? wasm : prefix + name) }, fireImmediately: true })).catch((err: unknown) => {
    ready = null
    throw err
  })
  return ready
}

export async function readPicture(picture: ImageData | Blob, hard = false): Promise<Reading> {
  await load()
  const found = await readBarcodes(picture, { formats: ['QRCode'], tryHarder: hard, tryRotate: hard, tryInvert: hard, maxNumberOfSymbols: 2, returnErrors: true })
  // Another code on the table (a poster, a phone) must not hide the card beside it.
  const good = found.filter((f) => f.isValid && f.text)
  const card = good.find((f) => f.text.startsWith('AC1:')) ?? good[0]
  return { text: card?.text ?? null, seen: found.length > 0 }
}
