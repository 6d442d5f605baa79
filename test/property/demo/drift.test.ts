import { expect, it } from 'vitest';
import { behaviourOf } from '../../../src/detect/drift/behaviour.js';
import { type DriftState, newDriftState, observeBehaviour } from '../../../src/detect/drift/observe.js';
import { newTokenState, observeTokens, type TokenState } from '../../../src/detect/token-burn/watch-tokens.js';
import { seenTraffic } from '../../support/demo-traffic.js';

const REQUESTS = 5_000;
const START_MS = Date.parse('2026-03-02T09:00:00Z');
/** Until then too little is known of the usual. */
const LEARNED = 3_000;

it('in the demo finds decisions that burn tokens once their kind is known, and no drift, since there is none', () => {
  const drifts = new Map<string, DriftState>();
  const tokens = new Map<string, TokenState>();
  const counts = { drifts: 0, burning: 0, burningFound: 0, foundInCalm: 0 };
  let requests = 0;
  for (const { decisions, faults } of seenTraffic({ seed: 11, decisionsPerS: 5, mood: 'faulty', startMs: START_MS })) {
    const findings = decisions.flatMap(({ decision }) => {
      const { agent, requestType, endedAtMs, id } = decision;
      const drift = observeBehaviour(drifts.get(agent) ?? newDriftState(), behaviourOf(decision));
      drifts.set(agent, drift.state);
      counts.drifts += drift.findings.length;
      const used = decision.tokens.input + decision.tokens.output;
      const use = { decisionId: id, requestType, tokens: used, atMs: endedAtMs };
      const burn = observeTokens(tokens.get(agent) ?? newTokenState(), use);
      tokens.set(agent, burn.state);
      return burn.findings;
    });
    requests += 1;
    if (requests === REQUESTS) break;
    if (faults.length === 0) counts.foundInCalm += findings.length;
    if (requests < LEARNED || !faults.some(({ kind }) => kind === 'TOKEN_BURN')) continue;
    counts.burning += 1;
    counts.burningFound += Number(findings.length > 0);
  }
  expect(counts).toMatchObject({ drifts: 0, foundInCalm: 0 });
  expect(counts.burning).toBeGreaterThan(5);
  expect(counts.burningFound).toBeGreaterThan(0.8 * counts.burning);
});
