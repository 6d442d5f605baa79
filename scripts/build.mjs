// Builds what `npm start` runs: the Prisma client, then dist/. Skips what is up to date, so it can run before every start.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const force = process.argv.includes('--force');
const newest = (target, except) => {
  if (!existsSync(target) || target === except) return 0;
  const stat = statSync(target);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(target).map((name) => newest(path.join(target, name), except)));
};
const run = (script, ...args) => {
  const result = spawnSync(process.execPath, [path.join(root, script), ...args], { cwd: root, encoding: 'utf8' });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout}${result.stderr}`);
  process.exit(result.status ?? 1);
};

const client = path.join(root, 'src/db/generated');
const schema = newest(path.join(root, 'prisma/schema.prisma'));
if (force || newest(client) < schema) run('node_modules/prisma/build/index.js', 'generate', '--no-hints');

const dashboard = path.join(root, 'src/dashboard');
const builtDashboard = path.join(root, 'dist/dashboard');

// Written last: a type check leaves files of its own in dist/, and says nothing of whether the rest is there.
const stamp = path.join(root, 'dist/.built');
const sources = Math.max(newest(path.join(root, 'src'), dashboard), newest(path.join(root, 'tsconfig.json')));
if (force || newest(stamp) < sources) {
  for (const name of existsSync(path.join(root, 'dist')) ? readdirSync(path.join(root, 'dist')) : []) {
    const built = path.join(root, 'dist', name);
    if (built !== builtDashboard) rmSync(built, { recursive: true, force: true });
  }
  run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json');
  writeFileSync(stamp, '');
}

const dashboardStamp = path.join(builtDashboard, '.built');
if (force || newest(dashboardStamp) < Math.max(newest(dashboard), newest(path.join(root, 'scripts/dashboard.mjs')))) {
  run('scripts/dashboard.mjs');
  writeFileSync(dashboardStamp, '');
}

// npm links the bins of dependencies, not the project's own: this makes `npx midwatch` work in a clone.
const link = path.join(root, 'node_modules/.bin/midwatch');
if (process.platform !== 'win32' && !existsSync(link)) {
  mkdirSync(path.dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync('../../bin/midwatch.js', link);
}
