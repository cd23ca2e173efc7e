import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const server = process.env['TOOLMARKET_DEV_SERVER'] ?? 'http://127.0.0.1:8000'

/** Smaller files gain nothing from packing. */
const PACKED_BYTES = 1_000

/** Write a packed twin beside each asset, so that the server need not pack at every request. */
function packed(): Plugin {
  return {
    name: 'packed',
    apply: 'build',
    closeBundle() {
      const folder = new URL('./dist/assets/', import.meta.url)
      for (const name of readdirSync(folder)) {
        const bytes = readFileSync(new URL(name, folder))
        if (bytes.length > PACKED_BYTES && !name.endsWith('.gz')) writeFileSync(new URL(`${name}.gz`, folder), gzipSync(bytes, { level: 9 }))
      }
    },
  }
}

export default defineConfig({
  plugins: [react(), packed()],
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  // The content security policy allows nothing inline, so no file may become a data URL.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2023', manifest: true },
  server: { proxy: { '/v1': server, '/mcp': server, '/health': server, '/schemas': server, '/problems': server } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
