import { describe, expect, it } from 'vitest';
import { findChanges } from '../../../src/fleet/version/change.js';
import { type DeploymentGroup, toDeployments, versionOf } from '../../../src/fleet/version/deployment.js';
import { summariseVersions } from '../../../src/fleet/version/version.js';
import { emptyFigures, summaryOf } from '../../../src/metric/rollup-row.js';

const MINUTE_MS = 60_000;
const P = '1111111122222222';
const Q = '3333333344444444';

interface Known extends Partial<Omit<DeploymentGroup, 'figures'>> {
  decisions?: number;
  errors?: number;
}

/** A group whose decisions lie in minute `step`, first seen then unless said otherwise. */
function group({ decisions = 10, errors = 0, step = 0, ...known }: Known): DeploymentGroup {
  const figures = emptyFigures();
  figures.counts.decisions = decisions;
  figures.counts.errors = errors;
  figures.counts.input_tokens = decisions * 100;
  figures.costPicodollars = BigInt(decisions) * 2_000_000_000_000n;
  summaryOf(figures, 'latency').add(1_000, decisions);
  return {
    agent: 'a',
    agentVersion: '',
    fingerprint: '',
    model: 'm',
    region: '',
    step,
    figures,
    firstAtMs: step * MINUTE_MS,
    lastAtMs: step * MINUTE_MS,
    ...known,
  };
}

const steps = (from: number, to: number, known: Known) =>
  Array.from({ length: to - from + 1 }, (_, index) =>
    group({ firstAtMs: from * MINUTE_MS, ...known, step: from + index }),
  );

describe('what a version is called', () => {
  it('is the agent’s word, else what it was set up with, else nothing', () => {
    expect(versionOf({ agentVersion: '3.2.0', fingerprint: P, model: 'm' })).toBe('3.2.0');
    expect(versionOf({ agentVersion: '', fingerprint: P, model: 'm' })).toBe('~11111111/m');
    expect(versionOf({ agentVersion: '', fingerprint: '', model: 'm' })).toBe('');
  });
});

describe('the versions of a range', () => {
  it('have shares, figures and places, and the newest that still runs is current', () => {
    const versions = summariseVersions(
      [
        group({ agentVersion: '1.0', region: 'eu', decisions: 10, firstAtMs: 0, lastAtMs: 5 * MINUTE_MS }),
        group({ agentVersion: '1.0', region: 'us', decisions: 20, errors: 3, firstAtMs: 0, lastAtMs: 59 * MINUTE_MS }),
        group({
          agentVersion: '2.0',
          region: 'us',
          decisions: 10,
          firstAtMs: 40 * MINUTE_MS,
          lastAtMs: 58 * MINUTE_MS,
        }),
      ],
      60 * MINUTE_MS,
    );
    expect(versions.map(({ version, share, isCurrent }) => ({ version, share, isCurrent }))).toEqual([
      { version: '2.0', share: 0.25, isCurrent: true },
      { version: '1.0', share: 0.75, isCurrent: false },
    ]);
    expect(versions[1]?.regions).toEqual(['us', 'eu']);
    expect(versions[1]?.figures).toEqual({
      decisions: 30,
      errorRate: 0.1,
      latencyP95Ms: 1_000,
      costPerDecisionUsd: 2,
      tokensPerDecision: 100,
      toolSuccessRate: null,
    });
  });

  it('keep an old version current after the new one was taken back', () => {
    const versions = summariseVersions(
      [
        group({ agentVersion: '1.0', firstAtMs: 0, lastAtMs: 59 * MINUTE_MS }),
        group({ agentVersion: '2.0', firstAtMs: 10 * MINUTE_MS, lastAtMs: 20 * MINUTE_MS }),
      ],
      60 * MINUTE_MS,
    );
    expect(versions.find(({ isCurrent }) => isCurrent)?.version).toBe('1.0');
  });

  it('are not told apart by the prompts of an agent that writes each anew', () => {
    const labels = Array.from({ length: 6 }, (_, index) => ['a', '', `${index}`.repeat(16), 'm', '']);
    const { figures } = group({ decisions: 2 });
    const groups = labels.map((each) => ({
      labels: each,
      isFolded: false,
      step: 0,
      figures,
      firstAtMs: 0,
      lastAtMs: 0,
    }));
    expect(summariseVersions(toDeployments(groups), MINUTE_MS).map(({ version }) => version)).toEqual([null]);
    expect(summariseVersions(toDeployments(groups.slice(0, 2)), MINUTE_MS)).toHaveLength(2);
  });
});

describe('changes', () => {
  it('are found when an agent names another version, though the old one still runs', () => {
    const changes = findChanges([...steps(0, 9, { agentVersion: '1.0' }), ...steps(5, 9, { agentVersion: '1.1' })]);
    expect(changes).toEqual([
      {
        agent: 'a',
        kind: 'VERSION',
        from: { agentVersion: '1.0', fingerprint: '', model: '' },
        to: { agentVersion: '1.1', fingerprint: '', model: '' },
        atMs: 5 * MINUTE_MS,
      },
    ]);
  });

  it('are found when the prompt is replaced and no version says so', () => {
    for (const agentVersion of ['', '1.0']) {
      const changes = findChanges([
        ...steps(0, 5, { agentVersion, fingerprint: P }),
        ...steps(5, 9, { agentVersion, fingerprint: Q }),
      ]);
      expect(changes).toEqual([
        {
          agent: 'a',
          kind: 'PROMPT_OR_TOOLS',
          from: { agentVersion, fingerprint: P, model: '' },
          to: { agentVersion, fingerprint: Q, model: '' },
          atMs: 5 * MINUTE_MS,
        },
      ]);
    }
  });

  it('are found when the model is replaced', () => {
    const changes = findChanges([
      ...steps(0, 4, { agentVersion: '1.0', fingerprint: P, model: 'old' }),
      ...steps(5, 9, { agentVersion: '1.0', fingerprint: P, model: 'new' }),
    ]);
    expect(changes.map(({ kind, from, to }) => [kind, from.model, to.model])).toEqual([['MODEL', 'old', 'new']]);
  });

  it('are none where an agent has two prompts or models at a time', () => {
    expect(findChanges([...steps(0, 9, { fingerprint: P }), ...steps(2, 9, { fingerprint: Q })])).toEqual([]);
    expect(findChanges([...steps(0, 9, { model: 'one' }), ...steps(2, 9, { model: 'two' })])).toEqual([]);
    expect(findChanges([...steps(0, 0, { fingerprint: P }), ...steps(0, 9, { fingerprint: Q })])).toEqual([]);
  });

  it('are none where calls failed, and name the model that was asked for', () => {
    const answered = steps(0, 4, { agentVersion: '1.0', model: 'claude-20260101' });
    const refused = steps(5, 9, { agentVersion: '1.0', model: 'claude', errors: 10 });
    expect(findChanges([...answered, ...refused])).toEqual([]);
  });
});
