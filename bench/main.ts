const BENCHES: Record<string, () => Promise<{ run: (args: readonly string[]) => Promise<void> }>> = {
  decode: () => import('./decode.js'),
  ingest: () => import('./ingest.js'),
  query: () => import('./query.js'),
  fanout: () => import('./fanout.js'),
  latency: () => import('./latency.js'),
  sampling: () => import('./sampling.js'),
  rollup: () => import('./rollup.js'),
  agents: () => import('./agents.js'),
  metrics: () => import('./metrics.js'),
  volume: () => import('./volume.js'),
  grounding: () => import('./grounding.js'),
  nab: () => import('./nab.js'),
  loops: () => import('./loops.js'),
  detect: () => import('./detect.js'),
  drift: () => import('./drift.js'),
  cascades: () => import('./cascades.js'),
  alerts: () => import('./alerts.js'),
  dashboard: () => import('./dashboard.js'),
  ledger: () => import('./ledger.js'),
  proof: () => import('./proof.js'),
  verify: () => import('./verify.js'),
  report: () => import('./report.js'),
};

const [name, ...args] = process.argv.slice(2);
const bench = BENCHES[name ?? ''];
if (bench === undefined) {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHES).join(' | ')}\n`);
  process.exit(2);
}
await (await bench()).run(args);
process.exit(0);
