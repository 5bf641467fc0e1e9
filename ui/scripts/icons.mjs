// Draws the icons of the installed app from public/icon.svg, with the browser that the journeys use. Run it by hand when
// the drawing changes; the pictures are committed. An arch over a door: nothing like a protected emblem.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { token } from '../build/shell.mjs'
import { openBrowser } from '../journeys/browser.mjs'

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'public')
const drawing = readFileSync(join(folder, 'icon.svg'), 'utf8')
const [ground] = token('ground')
const browser = await openBrowser()
// A launcher may cut a mask to a circle of four fifths; only there the drawing keeps away from the edge.
for (const [name, size, part] of [['icon192', 192, 0.82], ['icon512', 512, 0.82], ['mask512', 512, 0.56], ['touch180', 180, 0.7]]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  const side = Math.round(size * part)
  const round = name.startsWith('icon') ? Math.round(size * 0.2) : 0
  await page.setContent(`<body style="margin:0;background:transparent"><div style="width:${size}px;height:${size}px;border-radius:${round}px;background:${ground};display:grid;place-items:center">${drawing.replace('<svg ', `<svg width="${side}" height="${side}" `)}</div></body>`)
  writeFileSync(join(folder, `${name}.png`), await page.screenshot({ omitBackground: true }))
  await page.close()
}
await browser.close()
