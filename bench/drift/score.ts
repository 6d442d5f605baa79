import type { Stream } from './streams.js';

/** At which rows of a stream drift was raised, ascending. */
export interface Prediction {
  stream: Stream;
  alarms: readonly number[];
}

export interface KindScore {
  streams: number;
  hits: number;
  /** Streams with an alarm where there was no change yet. */
  falseStreams: number;
  /** Runs from the change to the hit, ascending. */
  delays: readonly number[];
}

export interface Score {
  byKind: ReadonlyMap<string, KindScore>;
  precision: number;
  recall: number;
  f1: number;
  falsePer1000: number;
}

/** Runs after the change within which it has to be seen. */
const HORIZON = 150;
/** Runs after a false alarm in which another is not counted. */
const SILENCE = 100;

/** Counts as the set's own scorer, eval_drift.py. */
export function scoreOf(predictions: readonly Prediction[]): Score {
  const byKind = new Map<string, KindScore>();
  let [cleanRuns, falseAlarms] = [0, 0];
  for (const { stream, alarms } of predictions) {
    const { kind, changeAt, behaviours } = stream;
    const before = alarms.filter((alarm) => changeAt === null || alarm < changeAt);
    const hit = alarms.find((alarm) => changeAt !== null && alarm >= changeAt && alarm <= changeAt + HORIZON);
    const isHit = hit !== undefined && before.length === 0;
    cleanRuns += changeAt ?? behaviours.length;
    falseAlarms += countApart(before);
    const known = byKind.get(kind) ?? { streams: 0, hits: 0, falseStreams: 0, delays: [] };
    const delays = isHit ? [...known.delays, hit - (changeAt ?? 0)] : [...known.delays];
    byKind.set(kind, {
      streams: known.streams + 1,
      hits: known.hits + Number(isHit),
      falseStreams: known.falseStreams + Number(before.length > 0),
      delays: delays.sort((left, right) => left - right),
    });
  }
  const changed = predictions.filter(({ stream }) => stream.changeAt !== null).length;
  const hits = sum([...byKind.values()].map((each) => each.hits));
  const falseStreams = sum([...byKind.values()].map((each) => each.falseStreams));
  return {
    byKind,
    precision: hits + falseStreams === 0 ? 0 : hits / (hits + falseStreams),
    recall: changed === 0 ? 0 : hits / changed,
    f1: hits === 0 ? 0 : (2 * hits) / (hits + falseStreams + changed),
    falsePer1000: (1_000 * falseAlarms) / cleanRuns,
  };
}

function countApart(alarms: readonly number[]): number {
  let [count, last] = [0, Number.NEGATIVE_INFINITY];
  for (const alarm of alarms) {
    if (alarm - last <= SILENCE) continue;
    count += 1;
    last = alarm;
  }
  return count;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
