import { describe, expect, it } from 'vitest';
import { covers } from '../../../src/dashboard/screen/silences/covers.js';

const alert = { ruleName: 'slow', severity: 'CRITICAL', labels: [{ name: 'agent', value: 'fraud-eu' }] };
const of = (...matchers: [string, string][]) =>
  covers(
    matchers.map(([label, pattern]) => ({ label, pattern })),
    alert,
    'prod',
  );

describe('what a silence would cover', () => {
  it('is what all labels match, with stars for any characters', () => {
    expect(of(['agent', 'fraud-*'])).toBe(true);
    expect(of(['agent', 'fraud-*'], ['severity', 'critical'], ['alertname', 'slow'], ['fleet', 'prod'])).toBe(true);
    expect(of(['agent', 'fraud-*'], ['severity', 'warning'])).toBe(false);
    expect(of(['agent', 'fraud'])).toBe(false);
  });

  it('takes everything but stars for itself, and a label that is missing for empty', () => {
    expect(of(['agent', 'fraud.eu'])).toBe(false);
    expect(of(['team', '*'])).toBe(true);
    expect(of(['team', 'payments'])).toBe(false);
  });
});
