import { describe, expect, it } from 'vitest';
import { type LoadMemory, loadsOfRoles, watchLoad } from '../../../src/detect/load-skew.js';
import { watchSilence } from '../../../src/detect/silent-agent.js';
import { watchVersions } from '../../../src/detect/version-drift.js';
import type { Rhythm } from '../../../src/fleet/status/rhythm.js';
import type { VersionChange } from '../../../src/fleet/version/change.js';
import type { VersionLag } from '../../../src/fleet/version/lag.js';
import { HOUR_MS, MINUTE_MS } from '../../../src/time.js';

const NOW_MS = 1_800_000_000_000;

describe('an agent behind its peers', () => {
  const lag: VersionLag = {
    agent: 'refunds-ap',
    role: 'refunds',
    version: '2.2.0',
    roleVersion: '2.4.1',
    peersAhead: ['refunds-eu', 'refunds-use'],
    behindSinceMs: NOW_MS - HOUR_MS,
  };

  it('is found once, and ends when it has caught up', () => {
    const first = watchVersions({ lags: [lag], changes: [] }, [], NOW_MS);
    expect(first.changes.found).toMatchObject([
      {
        agent: 'refunds-ap',
        finding: { kind: 'VERSION_DRIFT', severity: 'WARNING', evidence: { roleVersion: '2.4.1' } },
      },
    ]);
    const second = watchVersions({ lags: [lag], changes: [] }, first.open, NOW_MS + MINUTE_MS);
    expect(second.changes).toEqual({ found: [], ended: [] });
    const third = watchVersions({ lags: [], changes: [] }, second.open, NOW_MS + 2 * MINUTE_MS);
    expect(third.changes.ended).toMatchObject([{ agent: 'refunds-ap', endedAtMs: NOW_MS + 2 * MINUTE_MS }]);
  });

  it('is given the time of a rollout, and each of two is an incident', () => {
    const fresh = { ...lag, behindSinceMs: NOW_MS - MINUTE_MS };
    expect(watchVersions({ lags: [fresh], changes: [] }, [], NOW_MS).changes.found).toEqual([]);
    const lags = [lag, { ...lag, agent: 'refunds-usw' }];
    const { open } = watchVersions({ lags, changes: [] }, [], NOW_MS);
    const { changes } = watchVersions({ lags: [lag], changes: [] }, open, NOW_MS);
    expect(changes.ended).toMatchObject([{ agent: 'refunds-usw' }]);
  });

  it('is found when its prompt changes without a new version, and not with one', () => {
    const change: VersionChange = {
      agent: 'billing-eu',
      kind: 'PROMPT_OR_TOOLS',
      from: { agentVersion: '2.8.1', fingerprint: 'aaaaaaaaaaaaaaaa', model: '' },
      to: { agentVersion: '2.8.1', fingerprint: 'bbbbbbbbbbbbbbbb', model: '' },
      atMs: NOW_MS,
    };
    const { found } = watchVersions(
      { lags: [], changes: [change, { ...change, kind: 'VERSION' }] },
      [],
      NOW_MS,
    ).changes;
    expect(found.map(({ finding }) => finding.evidence.change)).toEqual(['PROMPT_OR_TOOLS']);
  });
});

describe('the load of a role', () => {
  const windows = (...counts: Record<string, number>[]) => {
    let memory: LoadMemory | undefined;
    return counts.map((decisions) => {
      const roles = [
        { name: 'support', members: Object.keys(decisions).map((agent) => ({ agent, regions: [], requestTypes: [] })) },
      ];
      const shares = Object.entries(decisions).map(([name, count]) => ({
        name,
        decisions: count,
        share: 0,
        tokens: 0,
        busyMs: 0,
        isFolded: false,
      }));
      const result = watchLoad(memory, loadsOfRoles(roles, shares), NOW_MS);
      memory = JSON.parse(JSON.stringify(result.memory));
      return result.changes;
    });
  };
  const even = { a: 100, b: 110, c: 95, d: 105 };

  it('that one agent takes over is found once, and its end', () => {
    const changes = windows(even, even, { a: 20, b: 300, c: 30, d: 25 }, { a: 20, b: 300, c: 30, d: 25 }, even);
    expect(changes.map(({ found }) => found.length)).toEqual([0, 0, 1, 0, 0]);
    expect(changes[2]?.found).toMatchObject([{ agent: 'b', finding: { kind: 'LOAD_SKEW', severity: 'WARNING' } }]);
    expect(changes[4]?.ended).toMatchObject([{ agent: 'b' }]);
  });

  it('that was always one agent’s is said once, and wakes nobody', () => {
    const uneven = { a: 400, b: 40, c: 45, d: 38 };
    const changes = windows(uneven, uneven, { ...uneven, a: 430 });
    expect(changes.map(({ found }) => found.length)).toEqual([1, 0, 0]);
    expect(changes[0]?.found).toMatchObject([{ agent: 'a', finding: { severity: 'INFO' } }]);
  });

  it('that sways, or is too little to judge, is none', () => {
    expect(windows(even, { a: 130, b: 90, c: 80, d: 120 }).flatMap(({ found }) => found)).toEqual([]);
    expect(windows({ a: 30, b: 1 }, { a: 1, b: 40 }).flatMap(({ found }) => found)).toEqual([]);
  });
});

describe('an agent that falls silent', () => {
  const rhythm = (lastSeenMs: number): Rhythm => ({
    firstSeenMs: NOW_MS - 2 * HOUR_MS,
    lastSeenMs,
    hours: new Map(),
    recentMs: Array.from({ length: 20 }, (_, index) => lastSeenMs - index * 6_000),
  });
  const look = (silentMs: number, silentAfterMs: number | null = null) =>
    watchSilence([{ agent: 'knowledge-use', rhythm: rhythm(NOW_MS - silentMs), silentAfterMs }], {
      open: [],
      sinceMs: 0,
      nowMs: NOW_MS,
    });

  it('is found when its silence cannot be chance, once, and heard again', () => {
    expect(look(100_000).changes.found).toEqual([]);
    const { open, changes } = look(180_000);
    expect(changes.found).toMatchObject([{ agent: 'knowledge-use', finding: { kind: 'SILENT_AGENT', expected: 30 } }]);
    const still = { agent: 'knowledge-use', rhythm: rhythm(NOW_MS - 180_000), silentAfterMs: null };
    expect(watchSilence([still], { open, sinceMs: 0, nowMs: NOW_MS + 60_000 }).changes).toEqual({
      found: [],
      ended: [],
    });
    const heard = { ...still, rhythm: rhythm(NOW_MS + 60_000) };
    expect(watchSilence([heard], { open, sinceMs: 0, nowMs: NOW_MS + 61_000 }).changes.ended).toHaveLength(1);
  });

  it('is the fleet’s silence where nothing comes from anybody, and told once', () => {
    const all = (silentMs: number) =>
      ['a', 'b', 'c', 'd'].map((agent) => ({ agent, rhythm: rhythm(NOW_MS - silentMs), silentAfterMs: null }));
    const first = watchSilence(all(70_000), { open: [], sinceMs: 0, nowMs: NOW_MS });
    expect(first.changes.found).toMatchObject([
      { agent: null, finding: { summary: expect.stringContaining('No agent of the fleet has made a decision') } },
    ]);
    const later = watchSilence(all(300_000), { open: first.open, sinceMs: 0, nowMs: NOW_MS });
    expect(later.changes.found.map(({ agent }) => agent)).toEqual([null]);
  });

  it('is nobody’s any more once the fleet is heard again, but for those who stay silent from then on', () => {
    const agents = ['a', 'b', 'c', 'd'];
    const seen = (lastSeenOf: (agent: string) => number) =>
      agents.map((agent) => ({ agent, rhythm: rhythm(lastSeenOf(agent)), silentAfterMs: null }));
    const silent = watchSilence(
      seen(() => NOW_MS - 300_000),
      { open: [], sinceMs: 0, nowMs: NOW_MS },
    );
    const heardFirst = seen((agent) => (agent === 'a' ? NOW_MS + 9_000 : NOW_MS - 300_000));
    const again = watchSilence(heardFirst, { open: silent.open, sinceMs: silent.sinceMs, nowMs: NOW_MS + 10_000 });
    expect(again).toMatchObject({ changes: { found: [], ended: [{ agent: null }] }, sinceMs: NOW_MS + 10_000 });
    const nowMs = NOW_MS + 200_000;
    const later = watchSilence(
      seen((agent) => (agent === 'b' ? NOW_MS - 300_000 : nowMs)),
      { ...again, nowMs },
    );
    expect(later.changes.found).toMatchObject([{ agent: 'b' }]);
  });

  it('is worth knowing before it is worth waking anybody, and told again then', () => {
    const first = look(130_000);
    expect(first.changes.found).toMatchObject([{ finding: { severity: 'INFO' } }]);
    const still = { agent: 'knowledge-use', rhythm: rhythm(NOW_MS - 130_000), silentAfterMs: null };
    expect(watchSilence([still], { open: first.open, sinceMs: 0, nowMs: NOW_MS + 70_000 }).changes.found).toMatchObject(
      [{ finding: { severity: 'WARNING' } }],
    );
  });

  it('is found by the time the settings allow', () => {
    expect(look(20_000, 30_000).changes.found).toEqual([]);
    expect(look(30_000, 30_000).changes.found[0]?.finding.summary).toContain('at most 30.0 s are allowed');
  });
});
