import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { freePort } from '../support/port.js';
import { newDataDir, ROOT } from '../support/server.js';
import { until } from '../support/wait.js';

test('npm start serves, and a signal to npm stops the server and its database', async () => {
  const port = await freePort();
  const dataDir = newDataDir();
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, PORT: String(port), MIDWATCH_DATA_DIR: dataDir };
  const npm = spawn('npm', ['start'], { cwd: ROOT, env });
  let output = '';
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (chunk) => (output += chunk));
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      () => true,
      () => false,
    );
  await until(answers, 30_000);
  expect(output).toContain(`http://127.0.0.1:${port}/graphql`);
  npm.kill('SIGTERM');
  await until(() => output.includes('"msg":"stopped"'));
  expect(await answers()).toBe(false);
  rmSync(dataDir, { recursive: true, force: true });
});
