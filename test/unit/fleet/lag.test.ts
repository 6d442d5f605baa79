import { describe, expect, it } from 'vitest';
import { findLaggards, type VersionedAgent } from '../../../src/fleet/version/lag.js';
import { findRoles, stemOf } from '../../../src/fleet/version/role.js';
import { compareSemanticVersions, parseSemanticVersion } from '../../../src/fleet/version/semantic-version.js';

describe('what an agent’s name has in common with its peers’', () => {
  it.each([
    ['refunds-eu', [], 'refunds'],
    ['refunds-ap', ['ap-southeast-1'], 'refunds'],
    ['eu-west-1.billing_agent', [], 'billing-agent'],
    ['support-use', ['us-east-1'], 'support'],
    ['kyc-euw1', ['eu-west-1'], 'kyc'],
    ['fraud-westeurope', ['westeurope'], 'fraud'],
    ['worker-7f9c4d', [], 'worker'],
    ['Triage 02', [], 'triage'],
    ['credit-check-in', [], 'credit-check-in'],
    ['oauth2', [], 'oauth2'],
    ['eu', [], 'eu'],
  ])('%s in %j: %s', (agent, regions, stem) => {
    expect(stemOf({ agent, regions })).toBe(stem);
  });
});

const member = (agent: string, requestTypes: string[] = []) => ({ agent, regions: [], requestTypes });

describe('roles', () => {
  it('are agents of one stem that share request types, through others too', () => {
    const roles = findRoles([
      member('refunds-eu', ['refund', 'status']),
      member('refunds-us', ['status', 'complaint']),
      member('refunds-ap', ['complaint']),
      member('refunds-sa', ['payroll']),
      member('billing-eu', ['refund']),
    ]);
    expect(roles.map(({ name, members }) => [name, members.map(({ agent }) => agent).sort()])).toEqual([
      ['refunds', ['refunds-ap', 'refunds-eu', 'refunds-us']],
    ]);
  });

  it('go by the name alone where request types are not known', () => {
    expect(findRoles([member('a-1'), member('a-2', ['x'])])).toHaveLength(1);
    expect(findRoles([member('a-1', ['y']), member('a-2', ['x'])])).toHaveLength(0);
  });
});

/** Versions in the order they were first seen, an hour apart; the last one is current. */
function agent(name: string, ...versions: string[]): VersionedAgent {
  return labelled(name, null, ...versions);
}

/** Whose current version is called something else than what it is compared by. */
function labelled(name: string, label: string | null, ...versions: string[]): VersionedAgent {
  const history = versions.map((version, index) => ({ version, firstAtMs: index * 3_600_000 }));
  return {
    agent: name,
    regions: [],
    requestTypes: [],
    history,
    current: { version: '', firstAtMs: 0, ...history.at(-1), label: label ?? versions.at(-1) ?? '' },
  };
}

const laggards = (...agents: VersionedAgent[]) =>
  findLaggards(agents).map((lag) => `${lag.agent} ${lag.version} < ${lag.roleVersion}`);

describe('laggards', () => {
  it('run an older version than at least half of their role', () => {
    expect(
      findLaggards([agent('refunds-eu', '2.4.1'), agent('refunds-us', '2.3.0', '2.4.1'), agent('refunds-ap', '2.2.0')]),
    ).toEqual([
      {
        agent: 'refunds-ap',
        role: 'refunds',
        version: '2.2.0',
        roleVersion: '2.4.1',
        peersAhead: ['refunds-eu', 'refunds-us'],
        behindSinceMs: 0,
      },
    ]);
  });

  it('compare numbers, not letters', () => {
    expect(laggards(agent('a-1', '2.10.0'), agent('a-2', '2.9.0'))).toEqual(['a-2 2.9.0 < 2.10.0']);
  });

  it('are none because one of many tries something new', () => {
    expect(laggards(agent('a-1', '1.0'), agent('a-2', '1.0'), agent('a-3', '1.0'), agent('a-4', '1.1'))).toEqual([]);
  });

  it('are none among agents of different roles, or alone', () => {
    expect(laggards(agent('a-1', '1.0'), agent('b-2', '2.0'))).toEqual([]);
  });

  it('without numbers, run what a peer has left behind', () => {
    const moved = agent('a-1', '~old', '~new');
    expect(laggards(moved, agent('a-2', '~old', '~new'), agent('a-3', '~old'))).toEqual(['a-3 ~old < ~new']);
    expect(laggards(agent('a-1', '~one'), agent('a-2', '~two'))).toEqual([]);
  });

  it('are told by what versions are called, that of their role by what most call it', () => {
    const ahead = [
      labelled('a-1', '~new/large', '~old', '~new'),
      labelled('a-2', '~new/small', '~new'),
      labelled('a-3', '~new/small', '~new'),
    ];
    expect(laggards(...ahead, labelled('a-4', '~old/large', '~old'))).toEqual(['a-4 ~old/large < ~new/small']);
  });
});

describe('semantic versions', () => {
  it('have the order of the specification', () => {
    const ordered = [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0',
      'v2',
      '2.1.1',
      '2.10.0+build.7',
    ];
    const parsed = ordered.map((text) => parseSemanticVersion(text));
    for (const [index, version] of parsed.entries()) {
      const next = parsed[index + 1];
      if (version === null || version === undefined) expect.fail(`${ordered[index]} is a version`);
      if (next) expect(compareSemanticVersions(version, next), ordered[index]).toBeLessThan(0);
    }
  });

  it.each(['', 'latest', '2026-11-24T08', '~1a2b', '1.2.3.4', '1..2'])('are not %j', (text) => {
    expect(parseSemanticVersion(text)).toBeNull();
  });
});
