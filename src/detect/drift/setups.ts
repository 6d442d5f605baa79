import type { Setup } from '../../fleet/version/deployment.js';

/** The versions, prompts and models that an agent is known by. */
export interface Setups {
  /** Those whose behaviour is the usual, the one seen last at the end. */
  current: readonly Setup[];
  /** Those that were found to behave differently from the current ones. */
  retired: readonly Setup[];
  /** Decisions of retired ones since the last of a current one. */
  passedOver: number;
  /** The fingerprints of the last prompts, each once, the newest at the end. */
  prompts: readonly string[];
  /** The part of the decisions that came with another prompt than all before, fading: agents do compose prompts anew. */
  freshPrompts: number;
}

export type Standing = 'CURRENT' | 'NEW' | 'RETIRED';

export const NO_SETUPS: Setups = { current: [], retired: [], passedOver: 0, prompts: [], freshPrompts: 0 };

const REMEMBERED_MAX = 16;
const FRESH_WEIGHT = 0.05;
/** Four prompts in a row, none seen before. */
const COMPOSING_SHARE = 0.18;
/** So many decisions of a retired version, and none of the current: it was rolled back. */
const ROLLED_BACK_COUNT = 30;
const LABEL_LENGTH_MAX = 100;

/** Where the decision's set-up stands, and the set-up itself with what it does not tell taken from the last one. */
export function recognise(setups: Setups, told: Setup): { setups: Setups; setup: Setup; standing: Standing } {
  const last = setups.current.at(-1);
  const seen = seePrompt(setups, told.fingerprint);
  const isComposing = seen.freshPrompts > COMPOSING_SHARE;
  const setup: Setup = {
    agentVersion: told.agentVersion.slice(0, LABEL_LENGTH_MAX) || (last?.agentVersion ?? ''),
    fingerprint: (isComposing ? '' : told.fingerprint) || (last?.fingerprint ?? ''),
    model: told.model.slice(0, LABEL_LENGTH_MAX) || (last?.model ?? ''),
  };
  if (last === undefined || isAmong(setups.current, setup))
    return { setups: { ...adopt(seen, setup), passedOver: 0 }, setup, standing: 'CURRENT' };
  if (!isAmong(setups.retired, setup)) return { setups: seen, setup, standing: 'NEW' };
  if (setups.passedOver < ROLLED_BACK_COUNT)
    return { setups: { ...seen, passedOver: setups.passedOver + 1 }, setup, standing: 'RETIRED' };
  return { setups: seen, setup, standing: 'NEW' };
}

function seePrompt(setups: Setups, fingerprint: string): Setups {
  if (fingerprint === '') return setups;
  const isFresh = setups.prompts.length > 0 && !setups.prompts.includes(fingerprint);
  const prompts =
    setups.prompts.at(-1) === fingerprint
      ? setups.prompts
      : [...setups.prompts.filter((each) => each !== fingerprint), fingerprint].slice(-REMEMBERED_MAX);
  return {
    ...setups,
    prompts,
    freshPrompts: setups.freshPrompts + FRESH_WEIGHT * (Number(isFresh) - setups.freshPrompts),
  };
}

/** The set-up behaves as is usual. */
export function adopt(setups: Setups, setup: Setup): Setups {
  const last = setups.current.at(-1);
  if (last !== undefined && isSame(last, setup) && !isAmong(setups.retired, setup)) return setups;
  const current = [...setups.current.filter((each) => !isSame(each, setup)), setup].slice(-REMEMBERED_MAX);
  return { ...setups, current, retired: setups.retired.filter((each) => !isSame(each, setup)) };
}

/** The set-up behaves differently, and that is the usual from now on. */
export function replaceBy(setups: Setups, setup: Setup): Setups {
  const former = [...setups.retired, ...setups.current].filter((each) => !isSame(each, setup));
  return { ...setups, current: [setup], retired: former.slice(-REMEMBERED_MAX), passedOver: 0 };
}

export function isSame(left: Setup, right: Setup): boolean {
  return (
    left.agentVersion === right.agentVersion && left.fingerprint === right.fingerprint && left.model === right.model
  );
}

function isAmong(setups: readonly Setup[], setup: Setup): boolean {
  return setups.some((each) => isSame(each, setup));
}
