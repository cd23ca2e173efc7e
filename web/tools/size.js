// Prints the gzip size of the first load (entry, shell, first page, with what they import) and fails above the limit.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const LIMIT_KB = 250
const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))
const files = new Set()

function collect(key) {
  const chunk = manifest[key]
  if (files.has(chunk.file)) return
  files.add(chunk.file)
  for (const sheet of chunk.css ?? []) files.add(sheet)
  for (const next of chunk.imports ?? []) collect(next)
}

for (const entry of ['index.html', 'src/routes/pages/inside.tsx', 'src/routes/pages/home.tsx']) collect(entry)
let total = 0
for (const file of files) {
  const bytes = gzipSync(readFileSync(new URL(file, dist))).length
  total += bytes
  console.log(`${(bytes / 1000).toFixed(1).padStart(8)} kB  ${file}`)
}
console.log(`${(total / 1000).toFixed(1).padStart(8)} kB  first load, gzip (limit ${LIMIT_KB})`)
process.exit(total / 1000 <= LIMIT_KB ? 0 : 1)
