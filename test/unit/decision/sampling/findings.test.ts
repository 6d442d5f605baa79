import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../../src/decision/decision.js';
import { findingOf, observe } from '../../../../src/decision/sampling/finding.js';
import { History } from '../../../../src/decision/sampling/history.js';
import { makeDecision } from '../../../support/decision.js';

describe('findings', () => {
  const usual = (known: Partial<Decision> = {}) => makeDecision({ toolCalls: 1, ...known });
  const learned = (count: number, known: (index: number) => Partial<Decision> = () => ({})): History => {
    const history = new History();
    for (let index = 0; index < count; index += 1) {
      history.add('f', observe(usual({ endedAtMs: 800 + (index % 10) * 50, ...known(index) })));
    }
    return history;
  };
  const history = learned(100);

  it.each([
    ['nothing', {}, null],
    ['a failure', { outcome: 'ERROR' }, 'error'],
    ['a failed tool', { failedToolCalls: 1 }, 'error'],
    ['a missing end', { complete: false }, 'incomplete'],
    ['a score that says made up', { hallucinationScore: 0.5 }, 'ungrounded'],
    ['a score that says grounded', { hallucinationScore: 0.49 }, null],
    ['slowness', { endedAtMs: 2_800 }, 'unusual'],
    ['many tokens', { tokens: { ...makeDecision().tokens, input: 300 } }, 'unusual'],
    ['a high cost', { costUsd: '0.03' }, 'unusual'],
    ['many tool calls', { toolCalls: 4 }, 'unusual'],
    ['a second tool call', { toolCalls: 2 }, null],
    ['no tool call', { toolCalls: 0 }, 'no-tool'],
    ['an agent nobody knows, asked something new', { agent: 'new', requestType: 'new' }, 'unknown'],
  ] as [string, Partial<Decision>, string | null][])('%s', (_what, known, finding) => {
    expect(findingOf('f', usual(known), history)).toBe(finding);
  });

  it('judge a new request type by the agent, and a new agent by the request type', () => {
    expect(findingOf('f', usual({ requestType: 'new' }), history)).toBeNull();
    expect(findingOf('f', usual({ agent: 'new' }), history)).toBeNull();
    expect(findingOf('f', usual({ agent: 'new', endedAtMs: 5_000 }), history)).toBe('unusual');
    expect(findingOf('another fleet', usual(), history)).toBe('unknown');
  });

  it('keep everything until thirty were seen', () => {
    expect(findingOf('f', usual(), learned(29))).toBe('unknown');
    expect(findingOf('f', usual(), learned(30))).toBeNull();
  });

  it('expect no tool where one in five works without', () => {
    const mixed = learned(200, (index) => ({ toolCalls: index % 5 === 0 ? 0 : 1 }));
    expect(findingOf('f', usual({ toolCalls: 0 }), mixed)).toBeNull();
  });

  it('get used to what lasts', () => {
    const slow = usual({ endedAtMs: 5_000 });
    const changing = learned(1_000);
    expect(findingOf('f', slow, changing)).toBe('unusual');
    for (let count = 0; count < 1_000; count += 1) changing.add('f', observe(slow));
    expect(findingOf('f', slow, changing)).toBeNull();
  });
});
