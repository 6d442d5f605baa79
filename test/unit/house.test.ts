import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ROLES } from '../../src/access/policy.js';
import { ERROR_CODES } from '../../src/errors.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

function filesBelow(directory: string): string[] {
  return readdirSync(path.join(ROOT, directory)).flatMap((name) => {
    const file = path.join(directory, name);
    if (name === 'generated') return [];
    return statSync(path.join(ROOT, file)).isDirectory() ? filesBelow(file) : [file];
  });
}

const sources = filesBelow('src').map((file) => ({ file, text: read(file) }));

function breaches(pattern: RegExp, except: RegExp = /^$/): string[] {
  return sources.filter(({ file, text }) => pattern.test(text) && !except.test(file)).map(({ file }) => file);
}

test('refusals are AppErrors and impossible states are assertions', () => {
  expect(breaches(/throw new (Error|TypeError|RangeError)\(/)).toEqual([]);
});

test('nothing is printed but by the command line and the demo', () => {
  expect(breaches(/console\.|process\.stdout/, /^src\/(cli|demo|main)/)).toEqual([]);
});

test('SQL is never put together by Prisma from unsafe text', () => {
  expect(breaches(/\$(query|execute)RawUnsafe/)).toEqual([]);
});

test('no room is a drawer', () => {
  expect(sources.filter(({ file }) => /\/(utils?|helpers?|common|shared|misc|lib)(\/|\.ts$)/.test(file))).toEqual([]);
});

test('a source file is read in one sitting', () => {
  expect(sources.filter(({ text }) => text.split('\n').length > 400).map(({ file }) => file)).toEqual([]);
});

test('the error codes of the documentation are those of the code', () => {
  const documented = [...read('docs/OPERATIONS.md').matchAll(/^\| `([A-Z_]+)` \| (\d{3}) \| (yes|no) \|/gm)];
  const codes = Object.entries(ERROR_CODES).map(([code, { status, retryable }]) => [
    code,
    String(status),
    retryable ? 'yes' : 'no',
  ]);
  expect(documented.map(([, ...row]) => row)).toEqual(codes);
});

test('the roles of the documentation are those of the code', () => {
  const documented = [...read('docs/OPERATIONS.md').matchAll(/^\| `([A-Z]+)` \| [a-z]/gm)].map(([, role]) => role);
  expect(documented).toEqual([...ROLES]);
});

test('every npm script the documentation names exists', () => {
  const { scripts } = JSON.parse(read('package.json'));
  const text = read('README.md') + filesBelow('docs').map(read).join('');
  const named = [...text.matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name as string);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test('every dependency has its reason in the architecture', () => {
  const { dependencies } = JSON.parse(read('package.json'));
  const text = read('docs/ARCHITECTURE.md');
  const reasoned = (name: string) => text.includes(name) || text.includes(`${name.split('/')[0]}/*`);
  expect(Object.keys(dependencies).filter((name) => !reasoned(name))).toEqual([]);
});
