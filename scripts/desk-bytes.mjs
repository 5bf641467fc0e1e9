// Measures what a tablet must fetch before the desk app shows its first screen: the page, its scripts and styles and
// all they import at once, each gzipped as a server would send it. What loads later (scanner, camera) does not count.
import { readFileSync, existsSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const limit = 200_000
const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'ui', 'dist')
const page = join(dist, 'index.html')
if (!existsSync(page)) {
  console.error('ui/dist/index.html is missing: run make desk first.')
  process.exit(1)
}
const html = readFileSync(page, 'utf8')

// The page may be mounted below any path (/desk/): files are found by what follows it.
const local = (url) => url.replace(/^(\.\/|\/desk\/|\/)/, '').replace(/[?#].*$/, '')
const queue = []
for (const tag of html.match(/<(script|link)\b[^>]*>/g) ?? []) {
  const url = /\b(?:src|href)="([^"]+)"/.exec(tag)?.[1]
  const counts = tag.startsWith('<script') || /rel="(?:stylesheet|modulepreload|preload)"/.test(tag)
  if (!url || !counts) continue
  if (/^(https?:)?\/\//.test(url)) {
    console.error(`The page loads from a third party: ${url}. Everything is served by the node itself.`)
    process.exit(1)
  }
  queue.push(local(url))
}

const staticImport = /(?:^|[;}\s])(?:import|export)\s*(?:[\w$*{}\s,]+?\s*from\s*)?["'](\.{1,2}\/[^"']+)["']/g
const sizes = new Map([['index.html', gzipSync(html, { level: 9 }).length]])
while (queue.length > 0) {
  const file = queue.pop()
  if (sizes.has(file)) continue
  const path = join(dist, file)
  if (!existsSync(path)) {
    console.error(`The first load names ${file}, which the build did not produce.`)
    process.exit(1)
  }
  const body = readFileSync(path)
  sizes.set(file, gzipSync(body, { level: 9 }).length)
  if (!/\.m?js$/.test(file)) continue
  for (const [, url] of body.toString('utf8').matchAll(staticImport)) {
    queue.push(posix.join(posix.dirname(file), url))
  }
}

let total = 0
for (const [file, size] of [...sizes].sort((a, b) => b[1] - a[1])) {
  console.log(`${String(size).padStart(8)}  ${file}`)
  total += size
}
console.log(`${String(total).padStart(8)}  of ${limit} bytes gzipped`)
if (total > limit) {
  console.error('The first load is too heavy: load what the first screen does not need when it is needed.')
  process.exit(1)
}
