/** Drift of an agent's behaviour against its own baseline, decision by decision, in memory that does not grow. */

import type { Finding } from '../../anomaly/finding.js';
import type { Setup } from '../../fleet/version/deployment.js';
import { type Behaviour, type Observed, observedOf } from './behaviour.js';
import { findingOfDrift, findingOfRequests } from './drift-finding.js';
import { dimensionOf, encode, type Frame, learnFrame } from './frame.js';
import { EMPTY_GROUP, type Encoded, type Group, groupOf, mergeGroups } from './group.js';
import {
  allOf,
  BLOCK_SIZE,
  countOf,
  EMPTY_HISTORY,
  type History,
  rememberBlock,
  rememberGroup,
  type Split,
  splitsOf,
} from './history.js';
import { BEFORE_MIN, findDrift, findRequestDrift, findVersionDrift, separateOldest } from './look.js';
import { addProducts, type Products } from './separation.js';
import { adopt, isSame, NO_SETUPS, recognise, replaceBy, type Setups, type Standing } from './setups.js';
import { learnWander, NO_WANDER, type Wander } from './wander.js';

/** What is remembered of one agent; JSON of at most about 12 kB. */
export interface DriftState {
  setups: Setups;
  /** Of the agent's work, whatever its baseline: kept when a drift begins another. */
  wander: Wander;
  /** The first decisions, until it is known what is usual; empty from then on. */
  sample: readonly Observed[];
  /** Null until then. */
  watch: Watch | null;
}

interface Watch {
  frame: Frame;
  /** Request types by slot; others than these share the slot after the last. */
  types: readonly string[];
  history: History;
  /** Decisions since the last block. */
  pending: readonly Encoded[];
  /** Null when no new version is being compared. */
  comparison: Comparison | null;
}

/** Decisions of a version that was not seen before, held apart until it is known whether they are as usual. */
interface Comparison {
  from: Setup;
  setup: Setup;
  group: Group;
  products: Products;
}

const SAMPLE_SIZE = 40;
const TYPES_MAX = 7;
const TYPE_LENGTH_MAX = 60;
/** A version that has not differed in so many decisions is as usual; slow drift is looked for from then on. */
const COMPARED_MAX = 150;

export function newDriftState(): DriftState {
  return { setups: NO_SETUPS, wander: NO_WANDER, sample: [], watch: null };
}

/**
 * Takes the agent's next decision, in whatever order decisions ended. Looks at every tenth, and at every tenth of a new
 * version; a drift is said once, and what is usual is learned anew from the next decisions.
 */
export function observeBehaviour(state: DriftState, behaviour: Behaviour): { state: DriftState; findings: Finding[] } {
  const { setups, setup, standing } = recognise(state.setups, behaviour.setup);
  const known = { ...state, setups };
  const { watch } = known;
  if (watch === null) return { state: learn(known, { behaviour, setup, standing }), findings: [] };
  if (standing === 'RETIRED') return { state: known, findings: [] };
  const { types, slot } = slotOf(watch.types, behaviour.requestType);
  const decision = { atMs: behaviour.atMs, slot, vector: encode(watch.frame, behaviour) };
  const typed = { ...watch, types };
  if (standing === 'CURRENT') return observeUsual(known, typed, decision);
  if (countOf(watch.history) < BEFORE_MIN)
    return { state: learn(startAnew(known), { behaviour, setup, standing }), findings: [] };
  return observeVersion(known, typed, { decision, setup });
}

/** Two versions are not mixed into what is usual: a new one begins the sample again. */
function learn(
  state: DriftState,
  { behaviour, setup, standing }: { behaviour: Behaviour; setup: Setup; standing: Standing },
): DriftState {
  if (standing === 'RETIRED') return state;
  const setups = standing === 'NEW' ? adopt(state.setups, setup) : state.setups;
  const observed = observedOf(behaviour);
  const sample = standing === 'NEW' ? [observed] : [...state.sample, observed];
  return sample.length < SAMPLE_SIZE
    ? { ...state, setups, sample }
    : { ...state, setups, sample: [], watch: startWatch(sample) };
}

function startWatch(sample: readonly Observed[]): Watch {
  const frame = learnFrame(sample);
  let watch: Watch = { frame, types: [], history: EMPTY_HISTORY, pending: [], comparison: null };
  for (const behaviour of sample) {
    const { types, slot } = slotOf(watch.types, behaviour.requestType);
    watch = remember({ ...watch, types }, { atMs: behaviour.atMs, slot, vector: encode(frame, behaviour) });
  }
  return watch;
}

function startAnew(state: DriftState): DriftState {
  return { ...state, sample: [], watch: null };
}

/** The decision joins those since the last block, or completes the next. */
function remember(watch: Watch, decision: Encoded): Watch {
  const pending = [...watch.pending, decision];
  if (pending.length < BLOCK_SIZE) return { ...watch, pending };
  return { ...watch, pending: [], history: rememberBlock(watch.history, pending) };
}

function observeUsual(state: DriftState, before: Watch, decision: Encoded): { state: DriftState; findings: Finding[] } {
  const watch = remember(before, decision);
  if (watch.history === before.history) return { state: { ...state, watch }, findings: [] };
  const dimension = dimensionOf(watch.frame);
  const splits = splitsOf(watch.history);
  const requests = lookAtRequests(watch, splits);
  const drift = findDrift(watch.history, splits, { dimension, wander: state.wander });
  if (drift !== null) {
    const finding = findingOfDrift(drift, { frame: watch.frame, change: null });
    const learned = { ...state, wander: learnWander(state.wander, drift.separation) };
    return { state: startAnew(learned), findings: [finding, ...requests.findings] };
  }
  const settled = separateOldest(before.history, watch.history, dimension);
  const wander = settled === null ? state.wander : learnWander(state.wander, settled);
  return { state: { ...state, wander, watch: requests.watch }, findings: requests.findings };
}

function observeVersion(
  state: DriftState,
  before: Watch,
  { decision, setup }: { decision: Encoded; setup: Setup },
): { state: DriftState; findings: Finding[] } {
  const { setups, watch, comparison } = comparisonWith(state.setups, before, setup);
  const compared: Comparison = {
    ...comparison,
    group: mergeGroups(comparison.group, groupOf([decision])),
    products: addProducts(comparison.products, [decision]),
  };
  const comparing = { ...watch, comparison: compared };
  if (compared.group.count % BLOCK_SIZE !== 0) return { state: { ...state, setups, watch: comparing }, findings: [] };
  const requests = lookAtRequests(comparing, [{ before: allOf(watch.history), after: compared.group }]);
  const measure = { dimension: dimensionOf(watch.frame), wander: state.wander };
  const drift = findVersionDrift(watch.history, compared, measure);
  if (drift !== null) {
    const finding = findingOfDrift(drift, { frame: watch.frame, change: { from: compared.from, to: setup } });
    const replaced = { ...state, setups: replaceBy(setups, setup) };
    return { state: startAnew(replaced), findings: [finding, ...requests.findings] };
  }
  const isOver = compared.group.count >= COMPARED_MAX;
  const next = isOver ? endComparison(setups, requests.watch, compared) : { setups, watch: requests.watch };
  return { state: { ...state, ...next }, findings: requests.findings };
}

/** A shift of the requests is said once: those before it are not compared any more. */
function lookAtRequests(watch: Watch, splits: readonly Split[]): { watch: Watch; findings: Finding[] } {
  const drift = findRequestDrift(splits, watch.history, TYPES_MAX + 1);
  if (drift === null) return { watch, findings: [] };
  const history = { ...watch.history, formerMix: drift.former };
  return { watch: { ...watch, history }, findings: [findingOfRequests(drift, watch.types)] };
}

/** The comparison with this version, going on or new; one with another version ends. */
function comparisonWith(
  setups: Setups,
  watch: Watch,
  setup: Setup,
): { setups: Setups; watch: Watch; comparison: Comparison } {
  const { comparison } = watch;
  if (comparison !== null && isSame(comparison.setup, setup)) return { setups, watch, comparison };
  const ended = comparison === null ? { setups, watch } : endComparison(setups, watch, comparison);
  const from = ended.setups.current.at(-1) ?? setup;
  return { ...ended, comparison: { from, setup, group: EMPTY_GROUP, products: [] } };
}

/** What was held apart is as usual. */
function endComparison(
  setups: Setups,
  watch: Watch,
  { setup, group, products }: Comparison,
): { setups: Setups; watch: Watch } {
  const history = rememberGroup(watch.history, group, products);
  return { setups: adopt(setups, setup), watch: { ...watch, history, comparison: null } };
}

function slotOf(types: readonly string[], requestType: string | null): { types: readonly string[]; slot: number } {
  const name = (requestType ?? '').slice(0, TYPE_LENGTH_MAX);
  const slot = types.indexOf(name);
  if (slot >= 0) return { types, slot };
  return types.length < TYPES_MAX ? { types: [...types, name], slot: types.length } : { types, slot: TYPES_MAX };
}
