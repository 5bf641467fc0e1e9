// Turns a built folder into one that can be installed: icons and colours into the web manifest, an id for the build, the
// list of all files with their hashes into the service worker, and compressed forms beside the plain ones, since a node
// compresses nothing while people wait.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const ui = join(dirname(fileURLToPath(import.meta.url)), '..')
/** These name the build or carry its list, and so cannot be in it; a worker is never kept by itself. */
const apart = new Set(['sw.js', 'version.json', '.keep'])
const rank = (name) => (/(^|\/)(index|frame|start|screens|rolldown)[^/]*$/.test(name) ? 0 : /\.wasm$/.test(name) ? 3 : /\.(js|css)$/.test(name) ? 1 : 2)
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex')

/** token reads one colour from the style sheet, for what is drawn outside the page: [by day, by night]. */
export function token(name) {
  const css = readFileSync(join(ui, 'src/app/tokens.css'), 'utf8')
  const found = new RegExp(`--${name}:\\s*light-dark\\((#[0-9a-f]{6}),\\s*(#[0-9a-f]{6})\\)`).exec(css)
  if (!found) throw new Error(`tokens.css has no --${name} for day and night`)
  return [found[1], found[2]]
}

export function manifest() {
  const [ground] = token('ground')
  return {
    id: '/desk/', name: 'Serai', short_name: 'Serai', lang: 'en', dir: 'auto', start_url: '/desk/', scope: '/desk/', display: 'standalone', background_color: ground, theme_color: ground,
    icons: [
      { src: 'icon192.png', sizes: '192x192', type: 'image/png' },
      { src: 'icon512.png', sizes: '512x512', type: 'image/png' },
      { src: 'mask512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
    ],
  }
}

function* files(folder) {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* files(path)
    else yield path
  }
}

/** writeShell may be called again on the same folder: the second build of a test is a copy with a changed file. */
export function writeShell(dist, version) {
  for (const path of files(dist)) if (/\.(br|gz)$/.test(path)) rmSync(path)
  const page = join(dist, 'index.html')
  const plain = readFileSync(page, 'utf8').replace(/(<meta name="serai-build" content=")[^"]*"/, '$1"')
  if (!plain.includes('name="serai-build"')) throw new Error('index.html has no place for the build')
  writeFileSync(join(dist, 'manifest.webmanifest'), JSON.stringify(manifest()))

  const worker = readFileSync(join(dist, 'sw.js'), 'utf8').replace(/^self\.shell=.*\n/, '')
  if (/^\s*(import|export)\b/m.test(worker)) throw new Error('the service worker shares code with the page: it must stand alone')
  const listed = {}
  const names = [...files(dist)].map((path) => relative(dist, path).replaceAll('\\', '/'))
  // They are fetched in this order: the app first, what is read with it next, the reader of pictures last.
  for (const name of names.sort((a, b) => rank(a) - rank(b))) {
    const path = join(dist, name)
    if (apart.has(name) || name.endsWith('.map')) continue
    const bytes = name === 'index.html' ? Buffer.from(plain) : readFileSync(path)
    listed[name] = [hash(bytes), bytes.length]
  }
  const build = hash(JSON.stringify(listed) + worker).slice(0, 12)
  const whole = plain.replace('name="serai-build" content=""', `name="serai-build" content="${build}"`)
  writeFileSync(page, whole)
  listed['index.html'] = [hash(whole), Buffer.byteLength(whole)]
  writeFileSync(join(dist, 'sw.js'), `self.shell=${JSON.stringify({ build, files: listed })}\n${worker}`)
  writeFileSync(join(dist, 'version.json'), JSON.stringify({ build, version }))

  const sizes = { files: 0, plain: 0, gzip: 0, brotli: 0 }
  for (const path of [...files(dist)]) {
    const bytes = readFileSync(path)
    const packs = /\.(html|js|css|svg|json|wasm|webmanifest)$/.test(path)
    const gz = packs ? gzipSync(bytes, { level: 9 }) : bytes
    const br = packs ? brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }) : bytes
    if (packs && gz.length < bytes.length) writeFileSync(path + '.gz', gz)
    if (packs && br.length < bytes.length) writeFileSync(path + '.br', br)
    sizes.files++
    sizes.plain += bytes.length
    sizes.gzip += Math.min(gz.length, bytes.length)
    sizes.brotli += Math.min(br.length, bytes.length)
  }
  return { build, sizes }
}

/** shell is the plugin that does it after every build. */
export function shell(version) {
  let dist = ''
  return {
    name: 'serai-shell',
    apply: 'build',
    enforce: 'post',
    configResolved: (config) => void (dist = resolve(config.root, config.build.outDir)),
    transformIndexHtml: () => [
      { tag: 'meta', attrs: { name: 'serai-build', content: '' }, injectTo: 'head' },
      { tag: 'meta', attrs: { name: 'theme-color', content: token('ground')[0], media: '(prefers-color-scheme: light)' }, injectTo: 'head' },
      { tag: 'meta', attrs: { name: 'theme-color', content: token('ground')[1], media: '(prefers-color-scheme: dark)' }, injectTo: 'head' },
      { tag: 'link', attrs: { rel: 'manifest', href: '/desk/manifest.webmanifest' }, injectTo: 'head' },
      { tag: 'link', attrs: { rel: 'apple-touch-icon', href: '/desk/touch180.png' }, injectTo: 'head' },
    ],
    closeBundle() {
      const { build, sizes } = writeShell(dist, version)
      const kb = (n) => `${Math.round(n / 1024)} kB`
      console.log(`build ${build}: ${sizes.files} files to install, ${kb(sizes.plain)} plain, ${kb(sizes.gzip)} gzip, ${kb(sizes.brotli)} brotli`)
    },
  }
}
