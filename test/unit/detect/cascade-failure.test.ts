import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../src/decision/decision.js';
import { findCascadeFailures } from '../../../src/detect/cascade-failure.js';
import { worksOfDecisions } from '../../../src/detect/root-cause/decision-work.js';
import { WorkFigures } from '../../../src/detect/root-cause/work-figures.js';
import { seenTraffic } from '../../support/demo-traffic.js';

const REQUESTS = 2_500;
const START_MS = 1_800_000_000_000;

function requestsOf(mood: 'faulty' | 'ordinary', count: number) {
  const traffic = seenTraffic({ seed: 5, decisionsPerS: 5, mood, startMs: START_MS });
  return Array.from({ length: count }, () => {
    const { decisions, faults } = traffic.next().value;
    return { trace: decisions.map(({ decision }): Decision => decision), faults };
  });
}

function learn(usual: WorkFigures, trace: readonly Decision[]): void {
  for (const work of worksOfDecisions(trace)) usual.add(work);
}

describe('cascades of the demo', () => {
  const usual = new WorkFigures();
  for (const { trace } of requestsOf('ordinary', REQUESTS)) learn(usual, trace);
  const seen = requestsOf('faulty', REQUESTS).map(({ trace, faults }) => ({
    trace,
    injected: faults.flatMap((fault) => (fault.kind === 'CASCADE_FAILURE' ? [fault] : [])),
    found: findCascadeFailures(trace, { usual, isSettled: true }),
  }));

  it('are each found once, with the agent and the step that broke as the first cause', () => {
    expect(seen.flatMap(({ injected }) => injected).length).toBeGreaterThan(15);
    for (const { injected, found } of seen) {
      expect(found.map(({ agent }) => agent)).toEqual(injected.map(({ agent }) => agent));
      const [fault] = injected;
      if (fault === undefined) continue;
      expect(found[0]?.finding).toMatchObject({
        kind: 'CASCADE_FAILURE',
        severity: 'CRITICAL',
        observed: 3,
        evidence: {
          path: fault.path,
          step: `TOOL_CALL ${fault.tool}`,
          causes: [{ agent: fault.agent }, ...rest(found)],
        },
      });
    }
  });

  it('have evidence against the step that broke, held against what is usual', () => {
    const [cascade] = seen.flatMap(({ found }) => found);
    const [first] = (cascade?.finding.evidence.causes ?? []) as { evidence: string[]; score: number }[];
    expect(first?.evidence.join(' ')).toMatch(/tool call \w+ of .* failed; usually .* do\./);
    expect(first?.score).toBeGreaterThan(3);
  });

  it('have the failure itself as evidence though nothing is known of what is usual, and nothing that is as usual', () => {
    const broken = seen.find(({ injected }) => injected.length > 0);
    const [cascade] = findCascadeFailures(broken?.trace ?? [], { usual: new WorkFigures(), isSettled: true });
    const [unknown] = (cascade?.finding.evidence.causes ?? []) as { evidence: string[] }[];
    expect(unknown?.evidence).toEqual([expect.stringMatching(/^tool call \w+ of [\w-]+ failed\.$/)]);
    const said = seen.flatMap(({ found }) =>
      found.flatMap(({ finding }) =>
        (finding.evidence.causes as { evidence: string[] }[]).flatMap((each) => each.evidence),
      ),
    );
    for (const sentence of said) {
      const [, now, usual] = / took ([\d.]+) ms, usually ([\d.]+) ms /.exec(sentence) ?? [];
      if (now !== undefined) expect(Number(now)).toBeGreaterThanOrEqual(Number(usual));
    }
  });

  it('wait for the decision of a callee that is not there yet', () => {
    const broken = seen.find(({ injected }) => injected.length > 0);
    const [agent] = broken?.injected.map((fault) => fault.agent) ?? [];
    const known = broken?.trace.filter((decision) => decision.agent !== agent) ?? [];
    expect(findCascadeFailures(known, { usual, isSettled: false })).toEqual([]);
    expect(findCascadeFailures(known, { usual, isSettled: true })).toHaveLength(1);
  });
});

function rest(found: readonly { finding: { evidence: Readonly<Record<string, unknown>> } }[]): unknown[] {
  const causes = found[0]?.finding.evidence.causes;
  return Array.isArray(causes) ? causes.slice(1) : [];
}
