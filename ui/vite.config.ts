import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import packed from './package.json' with { type: 'json' }
import { shell } from './build/shell.mjs'

// The node that answers the desk in development; in use the desk is served by the node itself.
const node = process.env.SERAI_NODE ?? 'http://localhost:8087'

export default defineConfig({
  base: '/desk/',
  plugins: [vue(), shell(packed.version)],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __VUE_OPTIONS_API__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
  },
  server: { proxy: { '/api': { target: node, changeOrigin: true } } },
  build: {
    target: 'es2022',
    // Phones that get no updates any more stay near these versions: light-dark() and nesting are written out for them.
    cssTarget: ['chrome105', 'firefox115', 'safari15.4'],
    // The node's content policy allows no data: scripts or styles, and an inlined file could not be cached by name.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: true,
    reportCompressedSize: false,
    rolldownOptions: {
      // The service worker stands alone, under a name that never changes: its address is what a browser knows it by.
      input: { index: fileURLToPath(new URL('./index.html', import.meta.url)), sw: fileURLToPath(new URL('./src/worker/sw.ts', import.meta.url)) },
      output: {
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
        // A few files instead of fifty: on a slow hub every request waits. Words and scanner stay apart.
        codeSplitting: {
          groups: [
            { name: 'frame', test: /node_modules[\\/](@?vue|vue-router|vue-i18n|@intlify)|src[\\/](app[\\/]|kit[\\/]|data[\\/](?!card[\\/]))/ },
            // What stands before the first tap of the work comes with the first load; all other screens are one file.
            { name: 'start', test: /src[\\/]area[\\/](accounts[\\/]sign-in|network[\\/]choose|assist[\\/]home|cards[\\/]wedge|people[\\/]spoken)/ },
            { name: 'screens', test: /src[\\/]area[\\/](?!cards[\\/]scanner)/ },
          ],
        },
      },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
  },
})
