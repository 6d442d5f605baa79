import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identifyProcess } from '../../src/disk/process-identity.js';
import { registerUse, withProcessLock } from '../../src/disk/process-lock.js';

let dir: string;
let file: string;
let children: ChildProcess[];

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'midwatch-lock-'));
  file = path.join(dir, 'lock');
  children = [];
});
afterEach(async () => {
  for (const child of children) await end(child);
  rmSync(dir, { recursive: true });
});

function startProcess(): ChildProcess & { pid: number } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 60_000)'], { stdio: 'ignore' });
  children.push(child);
  if (child.pid === undefined) return expect.fail('no process was started');
  return Object.assign(child, { pid: child.pid });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** The identity of a process that is gone. */
async function deadIdentity(): Promise<string> {
  const child = startProcess();
  const identity = identifyProcess(child.pid);
  await end(child);
  return identity;
}

const reads = (expected: string) => withProcessLock(file, async () => expected);

describe('withProcessLock', () => {
  it('lets one in at a time, also when all find the lock of a process that is gone', async () => {
    const dead = await deadIdentity();
    for (let round = 0; round < 3; round += 1) {
      writeFileSync(file, dead);
      let inside = 0;
      let insideMax = 0;
      const work = async () => {
        inside += 1;
        insideMax = Math.max(insideMax, inside);
        for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
      };
      const ended: Promise<void>[] = [];
      for (let arrival = 0; arrival < 20; arrival += 1) {
        ended.push(withProcessLock(file, work));
        // In pairs, so that some look at the lock together and others come between what these do.
        if (arrival % 2 === 1) await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(ended);
      expect(insideMax).toBe(1);
    }
  });

  it('waits for a process that runs, until it ends', async () => {
    const child = startProcess();
    writeFileSync(file, identifyProcess(child.pid));
    let isIn = false;
    const entered = withProcessLock(file, async () => {
      isIn = true;
    });
    // Takes as long as one who waits needs to look twice.
    const other = path.join(dir, 'other');
    writeFileSync(other, '');
    await withProcessLock(other, async () => undefined);
    expect(isIn).toBe(false);
    await end(child);
    await entered;
    expect(isIn).toBe(true);
  });

  it.each([
    ['an empty one', () => ''],
    ['one that another process with the same number left', () => `${process.pid}.1`],
    ['one of a process that is gone', deadIdentity],
  ])('takes over the lock that is abandoned: %s', async (_what, content) => {
    writeFileSync(file, await content());
    await expect(reads('worked')).resolves.toBe('worked');
  });

  it('takes over also when the one who took over before was killed at it', async () => {
    writeFileSync(file, await deadIdentity());
    writeFileSync(`${file}.removal`, await deadIdentity());
    await expect(reads('worked')).resolves.toBe('worked');
  });

  it('says whose it is while it is held, and leaves nothing behind', async () => {
    await withProcessLock(file, async () => {
      expect(readFileSync(file, 'utf8')).toBe(identifyProcess(process.pid));
    });
    await expect(withProcessLock(file, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('registerUse', () => {
  it('knows the last user, whatever killed processes left', async () => {
    const uses = path.join(dir, 'users');
    const [first, second] = [await registerUse(uses), await registerUse(uses)];
    writeFileSync(path.join(uses, `${await deadIdentity()}.00`), '');
    writeFileSync(path.join(uses, `${process.pid}.1.00`), '');
    expect(await first.isLast()).toBe(false);
    expect(await second.isLast()).toBe(true);
    expect(existsSync(uses)).toBe(true);
  });

  it('counts another process that runs', async () => {
    const uses = path.join(dir, 'users');
    const use = await registerUse(uses);
    writeFileSync(path.join(uses, `${identifyProcess(startProcess().pid)}.00`), '');
    expect(await use.isLast()).toBe(false);
  });
});
