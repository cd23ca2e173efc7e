import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const server = process.env['TOOLMARKET_DEV_SERVER'] ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  // The content security policy allows nothing inline, so no file may become a data URL.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2023', manifest: true },
  server: { proxy: { '/v1': server, '/mcp': server, '/health': server, '/schemas': server, '/problems': server } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
