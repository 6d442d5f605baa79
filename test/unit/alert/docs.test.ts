import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { isConditionError, parseCondition } from '../../../src/alert/condition/condition.js';
import { readRuleTests } from '../../../src/alert/rule-test/read.js';
import { runRuleTests } from '../../../src/alert/rule-test/run.js';
import { readSettings } from '../../../src/settings/read.js';

const page = readFileSync(path.resolve(import.meta.dirname, '../../../docs/ALERTS.md'), 'utf8');
const [yaml, conditions, mistakes, tests] = ['yaml', 'conditions', 'mistakes', 'tests'].map(
  (language) => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? '',
) as [string, string, string, string];
const linesOf = (block: string) => block.trimEnd().split('\n');

describe('the page on alerts', () => {
  it('shows rules that are read', () => {
    expect(readSettings(yaml, 'midwatch.yaml').alerting).toHaveLength(4);
  });

  it.each(linesOf(conditions))('shows a condition: %s', (text) => {
    expect(parseCondition(text)).toMatchObject({ text });
  });

  it.each(linesOf(mistakes))('shows a mistake: %s', (line) => {
    const [text = '', said] = line.split(/ {2,}/);
    const parsed = parseCondition(text);
    expect(isConditionError(parsed) && `column ${parsed.offset + 1}: ${parsed.message}`).toBe(said);
  });

  it('shows tests that pass', () => {
    const read = readRuleTests(tests, () => readSettings(yaml, 'midwatch.yaml').alerting);
    expect(read.problems).toEqual([]);
    expect(read.tests.tests).toHaveLength(2);
    expect(runRuleTests(read.tests)).toEqual([]);
  });
});
