// Compares what the desk calls (src/data/*.ts) with what a running node offers (its OpenAPI document): every method and
// path must be there. SERAI_NODE names the node, http://localhost:8087 when it is not set.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const node = process.env.SERAI_NODE ?? 'http://localhost:8087'
const data = join(dirname(fileURLToPath(import.meta.url)), '..', 'src', 'data')
const answer = await fetch(`${node}/api/openapi.json`).catch((err) => ({ ok: false, status: err.message }))
if (!answer.ok) {
  console.error(`${node} does not give its OpenAPI document (${answer.status}): start one with serai demo, or name it in SERAI_NODE.`)
  process.exit(1)
}
const offered = new Set()
const shape = (path) => path.replace(/\{[^}]*\}/g, '*')
for (const [path, methods] of Object.entries((await answer.json()).paths)) {
  for (const method of Object.keys(methods)) offered.add(`${method.toUpperCase()} ${shape(path)}`)
}
const missing = []
let called = 0
for (const file of readdirSync(data).filter((f) => f.endsWith('.ts'))) {
  const text = readFileSync(join(data, file), 'utf8').replaceAll('${one(person)}', '/api/people/{person}').replaceAll('one(person)', "'/api/people/{person}'")
  for (const [, method, path] of text.matchAll(/(?:call<.*>\(|method: )'(GET|POST|PATCH|DELETE)', (?:path: )?['`]([^'`]+)['`]/g)) {
    called++
    const wanted = `${method} ${shape(path.replace(/\$\{[^}]*\}/g, '*'))}`
    if (!offered.has(wanted)) missing.push(`${file} calls ${wanted}, which ${node} does not offer`)
  }
}
if (missing.length > 0 || called === 0) {
  console.error(missing.join('\n') || 'No call was found in src/data: this script no longer reads it rightly.')
  process.exit(1)
}
console.log(`All ${called} calls of the desk are offered by ${node}.`)
