import { expect, it } from 'vitest';
import { type AgentSetup, KnownSetups } from '../../../../src/decision/record/agent-setup.js';

const setup = (version: string | null, model: string | null, fingerprint: string | null): AgentSetup => ({
  version,
  model,
  fingerprint,
});

/** Which of the set-ups, one after another, are new. */
function newOnes(setups: readonly AgentSetup[], known = new KnownSetups(), hasFailed = false): boolean[] {
  return setups.map((each) => {
    const isNew = known.isNew(each, { hasFailed });
    if (isNew) known.add(each);
    return isNew;
  });
}

it('is new when version, model or prompt was not seen in this company', () => {
  const seen = [
    setup('1', 'gpt', 'a'),
    setup('1', 'gpt', 'a'),
    setup('2', 'gpt', 'a'),
    setup('2', 'claude', 'a'),
    setup('2', 'claude', 'b'),
    setup('1', 'gpt', 'a'),
  ];
  expect(newOnes(seen)).toEqual([true, false, true, true, true, false]);
});

it('is nothing new when it shows less of what is known, or nothing', () => {
  const seen = [setup(null, null, null), setup('1', 'gpt', 'a'), setup('1', null, 'a'), setup(null, 'gpt', null)];
  expect(newOnes([...seen, setup(null, 'claude', null)])).toEqual([false, true, false, false, true]);
});

it('does not take the model that a failed decision asked for as another', () => {
  const known = new KnownSetups();
  expect(newOnes([setup('1', 'gpt-2026', 'a')], known)).toEqual([true]);
  expect(newOnes([setup('1', 'gpt', 'a'), setup('2', 'gpt', 'a')], known, true)).toEqual([false, true]);
  expect(newOnes([setup('1', 'gpt', 'a')], known)).toEqual([true]);
});

it('stops telling the prompts of an agent that composes them, and the versions of one that counts', () => {
  const known = new KnownSetups();
  const composed = Array.from({ length: 40 }, (_, index) => setup('1', 'gpt', `prompt ${index}`));
  expect(newOnes(composed, known).filter(Boolean)).toHaveLength(20);
  expect(known.hasAllPrompts(setup('1', 'gpt', 'another'))).toBe(true);
  expect(newOnes([setup('2', 'gpt', 'prompt 0')], known)).toEqual([true]);
  const counted = Array.from({ length: 1_200 }, (_, index) => setup(`v${index}`, null, null));
  expect(newOnes(counted, known).filter(Boolean)).toHaveLength(1_000 - 21);
  expect(known.isFull).toBe(true);
});
