import type { Sighting } from '../anomaly/anomaly.js';
import { groupRows } from '../db/group.js';
import { type AgentAlarm, joinAlarms, sideOf, WIDESPREAD_AGENTS_MIN } from '../detect/series/widespread.js';
import { type FigureGroup, type FigureRecords, readFigures } from '../fleet/figures/read.js';
import { emptyFigures } from '../metric/rollup-row.js';
import { OTHER } from '../metric/slice.js';
import { floorTo, HOUR_MS, MINUTE_MS } from '../time.js';
import type { FigureDetector } from './figure-detector.js';
import type { Memory } from './memory.js';
import { SERIES_MEASURES } from './metric-series.js';
import { type MetricFinding, MetricSubjectWatch } from './metric-subject.js';
import type { Shelf } from './shelf.js';
import { sightingOfAgent } from './sighting.js';

const BIN_MS = 5 * MINUTE_MS;
/** What comes later than this after a bin's end is in the figures, and no longer looked at here. */
const LATE_MS = 30_000;
/** A fleet that is watched for the first time is learned from its past. */
const PAST_MS = 72 * HOUR_MS;
const PORTION_MS = 6 * HOUR_MS;
/** What happened longer ago wakes nobody any more. */
const NEWS_MS = 20 * MINUTE_MS;
/** Figures can be read again: what was learned of them is saved now and then. */
const SAVE_EVERY_MS = HOUR_MS;
/** After an alarm of an agent the same metric of its request types says nothing new. */
const SAME_CAUSE_MS = HOUR_MS;
/** Decisions of one request type in a bin from which on it is followed by itself. */
const SLICE_DECISIONS_MIN = 20;
const FLEETS_MAX = 1_000;
const SUBJECTS_MAX = 5_000;

interface Progress {
  /** Start of the bin that comes next. */
  nextMs: number;
  savedMs: number;
}

/** Follows the metrics of every agent, and of its busy request types, in bins of five minutes. */
export class MetricWatch implements FigureDetector {
  readonly name = 'metrics';
  readonly everyMs = MINUTE_MS / 2;
  readonly #records: FigureRecords;
  readonly #saved: Shelf<Progress>;
  readonly #subjects: Shelf<MetricSubjectWatch>;
  readonly #progress = new Map<string, Progress>();
  /** When an agent's metric was last alarming. */
  readonly #alarms = new Map<string, number>();
  /** When many agents were last alarming at once in a metric. */
  readonly #widespread = new Map<string, number>();

  constructor(records: FigureRecords, memory: Pick<Memory, 'shelf'>) {
    this.#records = records;
    this.#saved = memory.shelf('metric-progress', { max: FLEETS_MAX });
    this.#subjects = memory.shelf('metric', { max: SUBJECTS_MAX, revive: MetricSubjectWatch.revive });
  }

  async look(fleet: string, nowMs: number): Promise<Sighting[]> {
    const endMs = floorTo(nowMs - LATE_MS, BIN_MS);
    const progress = this.#progressOf(fleet, endMs);
    const sightings: Sighting[] = [];
    while (progress.nextMs < endMs) {
      const toMs = Math.min(progress.nextMs + PORTION_MS, endMs);
      sightings.push(...(await this.#watchPortion(fleet, { fromMs: progress.nextMs, toMs }, nowMs)));
      progress.nextMs = toMs;
    }
    for (const [key, atMs] of this.#alarms) if (atMs < endMs - PAST_MS) this.#alarms.delete(key);
    if (nowMs - progress.savedMs >= SAVE_EVERY_MS) this.#save(fleet, progress, nowMs);
    return sightings;
  }

  #progressOf(fleet: string, endMs: number): Progress {
    const known = this.#progress.get(fleet);
    if (known !== undefined) return known;
    const earliestMs = endMs - PAST_MS;
    const saved = this.#saved.get(fleet, '') ?? { nextMs: earliestMs, savedMs: 0 };
    const progress = { ...saved, nextMs: Math.max(saved.nextMs, earliestMs) };
    this.#progress.set(fleet, progress);
    return progress;
  }

  #save(fleet: string, progress: Progress, nowMs: number): void {
    progress.savedMs = nowMs;
    this.#saved.set(fleet, '', { ...progress });
    for (const [subject, watch] of this.#subjects.entries(fleet)) this.#subjects.set(fleet, subject, watch);
  }

  async #watchPortion(fleet: string, range: { fromMs: number; toMs: number }, nowMs: number): Promise<Sighting[]> {
    const [byAgent, byType] = await Promise.all([
      this.#read(fleet, range, ['AGENT']),
      this.#read(fleet, range, ['AGENT', 'REQUEST_TYPE']),
    ]);
    const steps = groupRows([...byAgent, ...byType.filter(isBusy)], ({ step }) => step);
    const sightings: Sighting[] = [];
    for (let step = 0; range.fromMs + step * BIN_MS < range.toMs; step += 1) {
      const atMs = range.fromMs + step * BIN_MS;
      const found = this.#watchBin(fleet, atMs, steps.get(step) ?? []);
      if (nowMs - atMs - BIN_MS <= NEWS_MS) sightings.push(...found.map((each) => sightingAt(each, atMs, nowMs)));
    }
    return sightings;
  }

  #read(fleet: string, range: { fromMs: number; toMs: number }, groupBy: ('AGENT' | 'REQUEST_TYPE')[]) {
    const measures = SERIES_MEASURES;
    return readFigures(this.#records, {
      fleet,
      source: 'DECISIONS',
      ...range,
      stepMs: BIN_MS,
      groupBy,
      filter: {},
      measures,
      totals: ['decisions', 'errors', 'tool_calls', 'failed_tool_calls'],
    });
  }

  /** Agents before their request types; subjects that did nothing in the bin have done nothing. */
  #watchBin(fleet: string, atMs: number, groups: readonly FigureGroup[]): Found[] {
    const bySubject = new Map(groups.map((group) => [subjectOf(group.labels), group.figures]));
    const idle = [...this.#subjects.entries(fleet)].map(([subject]) => subject).filter((each) => !bySubject.has(each));
    const found: AgentAlarm[] = [];
    for (const subject of [...bySubject.keys(), ...idle]) {
      const [agent = '', requestType = null] = JSON.parse(subject) as [string, string?];
      if (agent === OTHER) continue;
      const watch = this.#subjects.get(fleet, subject) ?? new MetricSubjectWatch(atMs);
      if (watch.nextMs > atMs) continue;
      const slice = { agent, ...(requestType !== null && { request_type: requestType }) };
      const findings = watch.observe(atMs, bySubject.get(subject) ?? emptyFigures(), slice);
      watch.nextMs = atMs + BIN_MS;
      if (this.#subjects.get(fleet, subject) === null) this.#subjects.set(fleet, subject, watch);
      for (const finding of findings) {
        if (this.#isNews({ fleet, agent, isSlice: requestType !== null }, finding.metric, atMs)) {
          found.push({ agent, ...finding });
        }
      }
    }
    return this.#join(fleet, atMs, found);
  }

  /** What many agents have at once is one finding of the fleet, and for a while that of a single one is part of it. */
  #join(fleet: string, atMs: number, alarms: readonly AgentAlarm[]): Found[] {
    const groups = groupRows(alarms, ({ metric, finding }) => JSON.stringify([fleet, metric, sideOf(finding)]));
    return [...groups].flatMap(([key, [first, ...others]]): Found[] => {
      const isKnown = atMs - (this.#widespread.get(key) ?? Number.NEGATIVE_INFINITY) < SAME_CAUSE_MS;
      const members: [AgentAlarm, ...AgentAlarm[]] = [first as AgentAlarm, ...others];
      const isWidespread = new Set(members.map(({ agent }) => agent)).size >= WIDESPREAD_AGENTS_MIN;
      if (isWidespread) this.#widespread.set(key, atMs);
      if (isKnown) return [];
      return isWidespread ? [{ agent: null, metric: members[0].metric, finding: joinAlarms(members) }] : members;
    });
  }

  #isNews(about: { fleet: string; agent: string; isSlice: boolean }, metric: MetricFinding['metric'], atMs: number) {
    const key = JSON.stringify([about.fleet, about.agent, metric]);
    const isKnown = atMs - (this.#alarms.get(key) ?? Number.NEGATIVE_INFINITY) < SAME_CAUSE_MS;
    this.#alarms.set(key, atMs);
    return !(about.isSlice && isKnown);
  }
}

interface Found extends MetricFinding {
  /** Null: the fleet. */
  agent: string | null;
}

function isBusy({ figures, labels }: FigureGroup): boolean {
  return figures.counts.decisions >= SLICE_DECISIONS_MIN && labels[1] !== '';
}

function subjectOf(labels: readonly string[]): string {
  return JSON.stringify(labels);
}

function sightingAt(found: Found, atMs: number, nowMs: number): Sighting {
  return sightingOfAgent(found, nowMs, new Date(atMs).toISOString());
}
