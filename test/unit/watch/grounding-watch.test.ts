import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../src/decision/decision.js';
import type { ToolRequirement } from '../../../src/settings/settings.js';
import { GroundingWatch } from '../../../src/watch/grounding-watch.js';
import { makeDecision, makeStep } from '../../support/decision.js';
import { newMemory } from '../../support/watcher.js';

const FROM_MEMORY = 'Your order A-7731 was returned to the depot in Basel and 412.90 were refunded.';
const lookup = makeStep({ toolName: 'look_up_order', result: '{"id":"A-7731","status":"shipped"}' });
const ask = (known: Partial<Decision>) =>
  makeDecision({ agent: 'support', input: 'Where is my order A-7731?', ...known });
const lookedUp = (known: Partial<Decision> = {}) =>
  ask({ output: 'Your order A-7731 has been shipped.', steps: [lookup], ...known });
const watch = (requirements: ToolRequirement[] = []) => new GroundingWatch(newMemory(), () => requirements);
const kinds = (watcher: GroundingWatch, decision: Decision) =>
  watcher.judge('f', decision).findings.map(({ severity, incident }) => `${severity} ${incident}`);

describe('an answer without a lookup', () => {
  it('is nothing where nothing is known of what is usual', () => {
    expect(kinds(watch(), ask({ output: FROM_MEMORY, steps: [] }))).toEqual([]);
  });

  it('is made up where such requests, the agent’s, or such requests of others are usually looked up', () => {
    const watcher = watch();
    for (let count = 0; count < 20; count += 1) watcher.learn('f', lookedUp({ requestType: 'order' }));
    const answer = { output: FROM_MEMORY, steps: [] };
    expect(kinds(watcher, ask({ ...answer, requestType: 'order' }))).toEqual(['CRITICAL no-lookup:order']);
    expect(kinds(watcher, ask({ ...answer, requestType: 'new' }))).toEqual(['CRITICAL no-lookup:new']);
    expect(kinds(watcher, ask({ ...answer, requestType: 'order', agent: 'new' }))).toEqual([
      'CRITICAL no-lookup:order',
    ]);
    expect(kinds(watcher, ask({ ...answer, requestType: 'new', agent: 'new' }))).toEqual([]);
  });

  it('is made up where the settings require a tool', () => {
    const watcher = watch([{ agents: ['supp*'], requestTypes: null }]);
    expect(kinds(watcher, ask({ output: FROM_MEMORY, steps: [] }))).toEqual(['CRITICAL no-lookup:question']);
    expect(kinds(watcher, ask({ output: FROM_MEMORY, steps: [], agent: 'sales' }))).toEqual([]);
  });
});

describe('an evaluation that was told', () => {
  it('counts instead of what is found here', () => {
    const invented = ask({ output: FROM_MEMORY, steps: [lookup] });
    expect(kinds(watch(), invented)).toEqual(['WARNING unsupported:question']);
    expect(kinds(watch(), { ...invented, hallucinationScore: 0.1 })).toEqual([]);
    expect(kinds(watch(), { ...lookedUp(), hallucinationScore: 0.8 })).toEqual(['WARNING evaluation:question']);
  });
});
