// Builds the dashboard into static files below dist/dashboard, each with its Brotli and gzip beside it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';

const root = path.resolve(import.meta.dirname, '..');
const outDir = path.join(root, 'dist/dashboard');
/** Smaller files are sent as they are: the headers would outweigh what is won. */
const COMPRESSED_FROM_BYTES = 512;

await build({
  root: path.join(root, 'src/dashboard'),
  configFile: false,
  logLevel: 'warn',
  // The content security policy lets nothing be inlined, nor fetched from a data: URL.
  build: { outDir, emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});

for (const name of readdirSync(outDir, { recursive: true, encoding: 'utf8' })) {
  if (!/\.(html|js|css|svg|webmanifest)$/.test(name)) continue;
  const file = path.join(outDir, name);
  const body = readFileSync(file);
  if (body.length < COMPRESSED_FROM_BYTES) continue;
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
  writeFileSync(`${file}.br`, brotliCompressSync(body, { params }));
  writeFileSync(`${file}.gz`, gzipSync(body, { level: 9 }));
}
