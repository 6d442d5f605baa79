const BENCHES: Record<string, () => Promise<{ run: () => Promise<void> }>> = {
  decode: () => import('./decode.js'),
  ingest: () => import('./ingest.js'),
  query: () => import('./query.js'),
  fanout: () => import('./fanout.js'),
  latency: () => import('./latency.js'),
};

const [name] = process.argv.slice(2);
const bench = BENCHES[name ?? ''];
if (bench === undefined) {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHES).join(' | ')}\n`);
  process.exit(2);
}
await (await bench()).run();
process.exit(0);
