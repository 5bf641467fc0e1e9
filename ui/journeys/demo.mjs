// Two real nodes for a journey, `serai demo --json`, and a wire to a node that can be cut.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const bin = process.env.SERAI_BIN ?? join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'bin', 'serai')

/** demo starts the two nodes and gives their addresses, accounts and a sample card. SERAI_BIN names the program. */
export async function demo(...flags) {
  if (!existsSync(bin)) throw new Error(`${bin} is not there: build it with make, or name the program in SERAI_BIN.`)
  // Ports of their own, so that a demonstration that somebody is looking at goes on.
  const port = 20_000 + Math.floor(Math.random() * 20_000)
  const child = spawn(bin, ['demo', '--json', '--addr', `localhost:${port}`, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.on('data', (d) => (said += d))
  const line = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('exit', (code) => reject(new Error(`serai demo ended with ${code}: ${said.slice(-800)}`)))
  })
  return {
    nodes: JSON.parse(line).nodes,
    stop: () => new Promise((resolve) => {
      child.once('exit', resolve)
      child.kill('SIGINT')
    }),
  }
}

/** wire leads to a node, until it is cut: then nothing answers, as in the desert. tear breaks what is under way and goes on. */
export async function wire(url) {
  const to = Number(new URL(url).port)
  const open = new Set()
  let whole = true
  const server = createServer((near) => {
    if (!whole) return near.destroy()
    const far = connect(to, 'localhost')
    for (const [a, b] of [[near, far], [far, near]]) {
      open.add(a)
      a.pipe(b)
      a.on('error', () => b.destroy())
      a.on('close', () => {
        open.delete(a)
        b.destroy()
      })
    }
  })
  await new Promise((resolve) => server.listen(0, 'localhost', resolve))
  const tear = () => open.forEach((s) => s.destroy())
  return {
    url: `http://localhost:${server.address().port}`,
    cut() {
      whole = false
      tear()
    },
    mend: () => void (whole = true),
    tear,
    stop: () => new Promise((resolve) => {
      whole = false
      tear()
      server.close(resolve)
    }),
  }
}
