import { encodeRows } from '../../db/copy.js';
import { canonicalize } from '../../ledger/canonical.js';
import type { AgentSetup } from './agent-setup.js';
import { decisionRow, stepRows } from './columns.js';
import { type DecisionFigures, figuresOf } from './figures.js';
import { commitDecision } from './payload.js';
import type { Recordable } from './record.js';

/** Models that are told of an agent: one that makes up a name for each call has more than a row or an entry should hold. */
export const MODELS_MAX = 50;

/** What the table of agents learns from a decision. */
export interface AgentSighting {
  name: string;
  version: string | null;
  region: string | null;
  environment: string | null;
  models: string[];
  setup: AgentSetup;
  hasFailed: boolean;
  startedAtMs: number;
  endedAtMs: number;
}

/**
 * A decision with everything worked out that does not depend on its place in the ledger: mostly text, so that it goes to
 * another thread for next to nothing.
 */
export interface PreparedItem {
  id: string;
  mode: Recordable['mode'];
  /** The canonical form of the entry's payload. */
  payload: string;
  /** Its row in COPY's format, but for the fleet, id and seq it begins with. */
  row: string;
  /** Its steps' rows in COPY's format. */
  steps: string;
  revisionHash: Uint8Array;
  parentId: string | null;
  /** Whether decisions that it may have invoked were sealed before it. */
  hasKin: boolean;
  figures: DecisionFigures;
  agent: AgentSighting;
}

/**
 * Commits to the content and encodes the rows; content that is not kept ends here. Throws LEDGER_INTEGRITY on strings the
 * ledger cannot hold.
 */
export function prepareItem(
  { decision, spanIds, journalIds, mode, sampled, hasKin }: Recordable,
  { fleet, sealedOn }: { fleet: string; sealedOn: string },
): PreparedItem {
  const content = commitDecision(decision, { spanIds, sampled });
  const steps = encodeRows(stepRows(content, { fleet, sealedOn }));
  const byteCount = [steps, decision.input ?? '', decision.output ?? ''].reduce(
    (sum, text) => sum + Buffer.byteLength(text),
    0,
  );
  const models = new Set(decision.steps.flatMap(({ model }) => model ?? []));
  if (decision.model !== null) models.add(decision.model);
  return {
    id: decision.id,
    mode,
    payload: canonicalize(content.payload),
    row: encodeRows([decisionRow(content, { spanIds, journalIds, sealedOn, sampled, byteCount })]),
    steps: sampled ? steps : '',
    parentId: decision.parentId,
    hasKin,
    figures: figuresOf(content.decision, { sampled, byteCount }),
    revisionHash: content.revisionHash,
    agent: {
      name: decision.agent,
      version: decision.agentVersion,
      region: decision.region,
      environment: decision.environment,
      models: [...models].slice(0, MODELS_MAX),
      setup: { version: decision.agentVersion, model: decision.model, fingerprint: decision.fingerprint },
      hasFailed: decision.outcome === 'ERROR',
      startedAtMs: decision.startedAtMs,
      endedAtMs: decision.endedAtMs,
    },
  };
}
