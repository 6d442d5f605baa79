import type { ContentRead, ReadAccount } from '../access/content-reads.js';
import type { Viewer } from '../access/viewer.js';
import type { AlertChangeRow, AlertRow } from '../alerting/alert.js';
import type { KnownRule, RuleBook } from '../alerting/rule-book.js';
import { findAlerts, findChangesOfAlerts } from '../alerting/store.js';
import type { AnomalyRow } from '../anomaly/anomaly.js';
import { findAnomalies, findAnomaliesOfDecisions } from '../anomaly/store.js';
import type { Clock } from '../clock.js';
import type { Page, PageRequest } from '../db/page.js';
import type { Pool } from '../db/pool.js';
import type { DecisionCalendar } from '../decision/calendar.js';
import type { DecisionFilter } from '../decision/filter.js';
import { findChildren, findParents } from '../decision/kin.js';
import { type DecisionKey, listDecisionsOfAgents } from '../decision/list.js';
import type { DecisionContent, DecisionRow, StepContent, StepRow } from '../decision/row.js';
import { findContents, findDecisions, findStepContents, findSteps, type LocatedDecision } from '../decision/store.js';
import { findErasedAt } from '../erasure/erasure.js';
import type { AgentRow } from '../fleet/agent.js';
import { type AgentStats, EMPTY_STATS, readAgentStats, windowSince } from '../fleet/stats.js';
import type { StatusBoard } from '../fleet/status/board.js';
import type { Health } from '../fleet/status/judge.js';
import { findAgents, listAllAgents } from '../fleet/store.js';
import type { Entry } from '../ledger/chain.js';
import { type LedgerLevel, levelOf } from '../ledger/publish/level.js';
import { findCoverage } from '../ledger/publish/store.js';
import { findAmendments, findEntries } from '../ledger/store.js';
import type { Measure } from '../metric/figures.js';
import { HOUR_MS } from '../time.js';
import { formatGlobalId } from './global-id.js';
import { createLoader, type Loader } from './loader.js';

/** What the fields of a list's items read: one statement for the whole list, never one an item. */
export interface Loaders {
  agent: Loader<string, AgentRow | null>;
  decision: Loader<string, DecisionRow | null>;
  parent: Loader<DecisionRow, DecisionRow | null>;
  children: Loader<DecisionRow, readonly DecisionRow[]>;
  content: Loader<LocatedDecision, DecisionContent | null>;
  /** What an anomaly quotes, for whoever may read content. */
  quotes: Loader<AnomalyRow, AnomalyRow['quotes']>;
  steps: Loader<LocatedDecision, readonly StepRow[]>;
  stepContents: Loader<LocatedDecision, readonly StepContent[]>;
  erasedAt: Loader<string, Date | null>;
  entry: Loader<number, Entry | null>;
  amendments: Loader<string, readonly Entry[]>;
  /** By seq. */
  level: Loader<number, LedgerLevel>;
  /** By first place. */
  anomaly: Loader<number, AnomalyRow | null>;
  anomaliesOfDecision: Loader<string, readonly AnomalyRow[]>;
  /** By first place. */
  alert: Loader<number, AlertRow | null>;
  changesOfAlert: Loader<number, readonly AlertChangeRow[]>;
  /** By name, as it is in force now. */
  rule: Loader<string, KnownRule | null>;
  /** How the agent is; null for one the fleet does not have. */
  health: Loader<string, Health | null>;
  /** By window and the measures that are asked for: fields with the same ones share a statement. */
  agentStats(windowMs: number, measures: readonly Measure[]): Loader<string, AgentStats>;
  /** By arguments: fields with the same ones share a statement. */
  agentDecisions(filter: DecisionFilter, page: PageRequest<DecisionKey>): Loader<string, Page<DecisionRow>>;
}

const EMPTY_PAGE: Page<DecisionRow> = { rows: [], hasNextPage: false, hasPreviousPage: false };

export interface LoaderOptions {
  pool: Pool;
  calendar: DecisionCalendar;
  fleet: string;
  clock: Clock;
  statuses: StatusBoard;
  rules: RuleBook;
  viewer: Viewer;
  reads: ReadAccount;
}

/** The loaders of one request of one fleet. */
export function createLoaders(options: LoaderOptions): Loaders {
  const { pool, calendar, fleet, clock, statuses, rules } = options;
  const byText = <Value>(find: (pool: Pool, fleet: string, keys: string[]) => Promise<Map<string, Value>>) => ({
    idOf: (key: string) => key,
    read: (keys: string[]) => find(pool, fleet, keys),
  });
  const byDecision = <Key extends LocatedDecision, Value>(
    find: (pool: Pool, fleet: string, keys: Key[]) => Promise<Map<string, Value>>,
  ) => ({
    idOf: ({ id }: Key) => id,
    read: (keys: Key[]) => find(pool, fleet, keys),
  });
  const statsOf = byArguments((windowMs: number, measures: readonly Measure[]) =>
    readAgentStats({ pool, calendar }, { fleet, ...windowSince(clock.now() - windowMs, clock.now()) }, measures),
  );
  return {
    agent: createLoader({ ...byText(findAgents), missing: null }),
    decision: createLoader({ ...byText(findDecisions), missing: null }),
    parent: createLoader({ ...byDecision(findParents), missing: null }),
    children: createLoader({ ...byDecision(findChildren), missing: [] }),
    ...contentLoaders(options),
    steps: createLoader({ ...byDecision(findSteps), missing: [] }),
    erasedAt: createLoader({ ...byText(findErasedAt), missing: null }),
    entry: createLoader({ idOf: (seq) => seq, read: (seqs) => findEntries(pool, fleet, seqs), missing: null }),
    amendments: createLoader({ ...byText(findAmendments), missing: [] }),
    level: createLoader({
      idOf: (seq) => seq,
      read: async (seqs) => {
        const coverage = await findCoverage(pool, fleet);
        return new Map(seqs.map((seq) => [seq, levelOf(seq, coverage)]));
      },
      missing: 'SEALED',
    }),
    alert: createLoader({ idOf: (seq) => seq, read: (seqs) => findAlerts(pool, fleet, seqs), missing: null }),
    changesOfAlert: createLoader({
      idOf: (seq) => seq,
      read: (seqs) => findChangesOfAlerts(pool, fleet, seqs),
      missing: [],
    }),
    rule: createLoader({
      idOf: (name) => name,
      read: async () => new Map((await rules.rulesOf(fleet)).map((known) => [known.rule.name, known])),
      missing: null,
    }),
    anomaly: createLoader({ idOf: (seq) => seq, read: (seqs) => findAnomalies(pool, fleet, seqs), missing: null }),
    anomaliesOfDecision: createLoader({ ...byText(findAnomaliesOfDecisions), missing: [] }),
    health: createLoader({
      idOf: (name) => name,
      read: () =>
        statuses.read(fleet, clock.now(), { agents: listAllAgents(pool, fleet), lastHour: statsOf(HOUR_MS, []) }),
      missing: null,
    }),
    agentStats: byArguments((windowMs: number, measures: readonly Measure[]) => {
      // Latency is read always: what asks for nothing else shares a statement with the status.
      const others = measures.filter((measure) => measure !== 'latency');
      return createLoader({
        idOf: (name: string) => name,
        read: () => statsOf(windowMs, others),
        missing: EMPTY_STATS,
      });
    }),
    agentDecisions: byArguments((filter: DecisionFilter, page: PageRequest<DecisionKey>) =>
      createLoader({
        idOf: (name: string): string | null => name,
        read: (names) => listDecisionsOfAgents({ pool, calendar, fleet, filter, page }, names),
        missing: EMPTY_PAGE,
      }),
    ),
  };
}

/** What these read is content: before anything of it is given, the ledger tells who gets it. */
function contentLoaders({
  pool,
  fleet,
  viewer,
  reads,
}: LoaderOptions): Pick<Loaders, 'content' | 'stepContents' | 'quotes'> {
  const tell = async (contents: ContentRead['contents'], decisionIds: string[], of?: ContentRead['of']) => {
    if (decisionIds.length === 0 && of === undefined) return;
    await reads.tell({ fleet, actor: viewer.subject, contents, decisionIds: decisionIds.sort(), ...(of && { of }) });
  };
  return {
    content: createLoader({
      idOf: ({ id }: LocatedDecision) => id,
      read: async (decisions) => {
        const found = await findContents(pool, fleet, decisions);
        await tell(
          'DECISION',
          [...found].flatMap(([id, { input, output, errorMessage }]) =>
            holdsText(input, output, errorMessage) ? [id] : [],
          ),
        );
        return found;
      },
      missing: null,
    }),
    stepContents: createLoader({
      idOf: ({ id }: LocatedDecision) => id,
      read: async (decisions) => {
        const found = await findStepContents(pool, fleet, decisions);
        await tell(
          'STEPS',
          [...found].flatMap(([id, steps]) => (steps.some(holdsStepText) ? [id] : [])),
        );
        return found;
      },
      missing: [],
    }),
    quotes: createLoader({
      idOf: ({ firstSeq }: AnomalyRow) => firstSeq,
      read: async (anomalies) => {
        const named = anomalies.map(({ firstSeq }) => formatGlobalId('Anomaly', firstSeq)).sort();
        await tell('QUOTES', [...new Set(anomalies.flatMap(({ decisionId }) => decisionId ?? []))], {
          anomalies: named,
        });
        return new Map(anomalies.map(({ firstSeq, quotes }) => [firstSeq, quotes]));
      },
      missing: null,
    }),
  };
}

function holdsText(...texts: readonly (string | null)[]): boolean {
  return texts.some((text) => text !== null && text !== '');
}

function holdsStepText({ arguments: given, result, input, output, errorMessage }: StepContent): boolean {
  return holdsText(given, result, input, output, errorMessage);
}

/** One loader for each different list of arguments. */
function byArguments<Arguments extends readonly unknown[], Value>(
  create: (...args: Arguments) => Value,
): (...args: Arguments) => Value {
  const created = new Map<string, Value>();
  return (...args) => {
    const key = JSON.stringify(args);
    const known = created.get(key) ?? create(...args);
    created.set(key, known);
    return known;
  };
}
