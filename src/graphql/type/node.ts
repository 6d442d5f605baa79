import type { Operation } from '../../access/policy.js';
import { listApiKeys } from '../../access/store.js';
import { requireOperation } from '../../access/viewer.js';
import { findFleet } from '../../fleet/store.js';
import { builder } from '../builder.js';
import type { GraphQLContext } from '../context.js';
import { type GlobalId, numberOfKey, parseGlobalId } from '../global-id.js';
import { NodeRef, type NodeValue } from '../refs.js';
import { findAgent } from './agent.js';
import { findAlert } from './alert.js';
import { findAnomaly } from './anomaly.js';
import { findDecision } from './decision.js';
import { findOwnReport } from './report.js';

NodeRef.implement({
  description: 'Anything that has an id of its own and can be read again by it.',
  fields: (t) => ({ id: t.id({ description: 'What `node` finds it by.', resolve: () => '' }) }),
  resolveType: typeOf,
});

function typeOf(node: NodeValue): GlobalId['type'] {
  if ('cuts' in node) return 'Report';
  if ('incident' in node) return 'Anomaly';
  if ('changedSeq' in node) return 'Alert';
  if ('agentName' in node) return 'Decision';
  if ('canonical' in node) return 'LedgerEntry';
  if ('lastSeenAt' in node) return 'Agent';
  return 'role' in node ? 'ApiKey' : 'Fleet';
}

/** What the viewer must be allowed to read the nodes of a type. */
const OPERATIONS: Record<GlobalId['type'], Operation> = {
  Decision: 'decisions.read',
  Agent: 'decisions.read',
  Anomaly: 'decisions.read',
  Alert: 'decisions.read',
  AlertChange: 'decisions.read',
  Silence: 'decisions.read',
  Notification: 'decisions.read',
  Fleet: 'decisions.read',
  LedgerEntry: 'ledger.read',
  ApiKey: 'keys.manage',
  Erasure: 'custody.read',
  LegalHold: 'custody.read',
  Report: 'reports.use',
  Place: 'decisions.read',
};

builder.queryField('node', (t) =>
  t.field({
    type: NodeRef,
    nullable: true,
    description:
      'What has this id in the fleet; null when there is nothing. Example: `node(id: "LedgerEntry:0") { id }`.',
    operations: ['decisions.read', 'ledger.read', 'keys.manage', 'reports.use'],
    args: { id: t.arg.id({ required: true, description: 'Any id this API has answered.' }) },
    resolve: (_root, { id }, context) => {
      const globalId = parseGlobalId(id);
      requireOperation(context.viewer, OPERATIONS[globalId.type]);
      return findNode(globalId, context);
    },
  }),
);

async function findNode({ type, key }: GlobalId, context: GraphQLContext): Promise<NodeValue | null> {
  const { fleet, loaders, services } = context;
  switch (type) {
    case 'Decision':
      return findDecision(context, key);
    case 'Agent':
      return findAgent(context, key);
    case 'Anomaly':
      return findAnomaly(context, key);
    case 'Alert':
      return findAlert(context, key);
    case 'AlertChange':
    case 'Silence':
    case 'Notification':
    case 'Erasure':
    case 'LegalHold':
    case 'Place':
      return null;
    case 'LedgerEntry': {
      const seq = numberOfKey(key);
      return seq === null ? null : loaders.entry.load(seq);
    }
    case 'Fleet':
      return key === fleet ? findFleet(services.pool, fleet) : null;
    case 'Report':
      return findOwnReport(context, key);
    case 'ApiKey':
      return (await listApiKeys(services.pool, fleet)).find(({ id }) => id === key) ?? null;
  }
}
