import { describe, expect, it } from 'vitest';
import type { NotifiableAlert } from '../../../src/notify/alert.js';
import { findMuted, type Mutes } from '../../../src/notify/plan/mute.js';
import { createWatchdog } from '../../../src/notify/watchdog.js';
import { alertOf, MINUTE_MS, NOW, resolved } from '../../support/alert.js';

const NONE: Mutes = { silences: [], maintenance: [], inhibit: [] };
const muted = (alerts: NotifiableAlert[], mutes: Partial<Mutes>, nowMs = NOW) => [
  ...findMuted(alerts, { ...NONE, ...mutes }, nowMs).keys,
];
const agent = (name: string, over: Partial<NotifiableAlert> = {}) =>
  alertOf({ id: name, labels: { agent: name }, ...over });

describe('a silence', () => {
  const silence = { fleet: 'default', matchers: { agent: 'kyc-*' }, startsAtMs: NOW, endsAtMs: NOW + 1_000 };

  it.each([
    [NOW - 1, []],
    [NOW, ['default/kyc-1']],
    [NOW + 999, ['default/kyc-1']],
    [NOW + 1_000, []],
  ])('holds from its start until its end, to the millisecond: at %i %j', (atMs, expected) => {
    expect(muted([agent('kyc-1'), agent('fraud')], { silences: [silence] }, atMs)).toEqual(expected);
  });

  it('is of one fleet, and says when it ends', () => {
    const alerts = [agent('kyc-1', { fleet: 'eu' })];
    expect(findMuted(alerts, { ...NONE, silences: [silence] }, NOW)).toEqual({
      keys: new Set(),
      untilMs: NOW + 1_000,
    });
  });

  it('never takes the watchdog', () => {
    expect(muted([createWatchdog(NOW)], { silences: [{ ...silence, matchers: { agent: '*' } }] })).toEqual([]);
  });
});

describe('maintenance', () => {
  const window = (fromMinute: number, untilMinute: number): Mutes['maintenance'] => [
    { match: {}, period: { kind: 'daily', fromMinute, untilMinute }, reason: null },
  ];
  const at = (time: string) => Date.parse(`2026-11-28T${time}Z`);

  it.each([
    [120, 180, '01:59:59.999', null],
    [120, 180, '02:00:00.000', '03:00:00.000'],
    [120, 180, '02:59:59.999', '03:00:00.000'],
    [120, 180, '03:00:00.000', null],
    [1380, 60, '22:59:59.999', null],
    [1380, 60, '00:59:59.999', '01:00:00.000'],
    [1380, 60, '01:00:00.000', null],
  ])('each day from minute %i to %i holds at %s until %s', (from, until, time, end) => {
    const { keys, untilMs } = findMuted([agent('kyc')], { ...NONE, maintenance: window(from, until) }, at(time));
    expect(untilMs).toBe(end === null ? null : at(end));
    expect(keys.size).toBe(end === null ? 0 : 1);
  });

  it('holds into the next day', () => {
    const mutes = { ...NONE, maintenance: window(1380, 60) };
    expect(findMuted([], mutes, at('23:30:00')).untilMs).toBe(at('01:00:00') + 1_440 * MINUTE_MS);
  });

  it('holds once, for what it matches', () => {
    const period = { kind: 'once', fromMs: NOW, untilMs: NOW + 1 } as const;
    const maintenance = [{ match: { agent: 'kyc' }, period, reason: null }];
    expect(muted([agent('kyc'), agent('fraud')], { maintenance })).toEqual(['default/kyc']);
    expect(muted([agent('kyc')], { maintenance }, NOW + 1)).toEqual([]);
  });
});

describe('inhibition', () => {
  const rule = { source: { severity: 'critical' }, target: { severity: 'warning' }, equal: ['agent'] };
  const warning = agent('kyc', { id: 'w', severity: 'WARNING' });

  it('mutes targets that agree with a source which fires', () => {
    expect(muted([agent('kyc'), warning], { inhibit: [rule] })).toEqual(['default/w']);
    expect(muted([agent('fraud'), warning], { inhibit: [rule] })).toEqual([]);
    expect(muted([agent('kyc', { fleet: 'eu' }), warning], { inhibit: [rule] })).toEqual([]);
    expect(muted([resolved(agent('kyc'), NOW), warning], { inhibit: [rule] })).toEqual([]);
  });

  it('leaves alone what is on both sides, unless a source is on one only', () => {
    const both = { source: { severity: '*' }, target: { agent: 'kyc' }, equal: [] };
    expect(muted([agent('kyc'), warning], { inhibit: [both] })).toEqual([]);
    expect(muted([agent('kyc'), warning, agent('fraud')], { inhibit: [both] })).toEqual(['default/kyc', 'default/w']);
  });

  it('mutes the alerts of the agents that a cascade pulls down, but no cascade', () => {
    const cascade = (id: string, victims: string[]) =>
      agent('root', { id, labels: { agent: 'root', kind: 'CASCADE_FAILURE' }, victims });
    const alerts = [cascade('c', ['kyc', 'root']), cascade('c2', ['root']), agent('kyc'), agent('fraud')];
    expect(muted(alerts, {})).toEqual(['default/kyc']);
    expect(muted([resolved(cascade('c', ['kyc']), NOW), agent('kyc')], {})).toEqual([]);
    expect(muted([cascade('c', ['kyc']), agent('kyc', { fleet: 'eu' })], {})).toEqual([]);
  });
});
