import assert from 'node:assert';
import { createFleet, type Fleet, listApiKeys } from '../../access/store.js';
import { findFleet } from '../../fleet/store.js';
import { builder } from '../builder.js';
import { payloadUnion } from '../failure.js';
import { formatGlobalId } from '../global-id.js';
import { ApiKeyRef, FleetRef, NodeRef } from '../refs.js';

FleetRef.implement({
  description: 'The tenant: nothing crosses it.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({ description: '`Fleet:<name>`.', resolve: ({ id }) => formatGlobalId('Fleet', id) }),
    name: t.exposeString('id', { description: 'What `X-Fleet-ID` names.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created.' }),
    apiKeys: t.field({
      type: [ApiKeyRef],
      description: 'Its API keys, oldest first, ended ones too.',
      operations: ['keys.manage'],
      resolve: ({ id }, _args, { services: { pool } }) => listApiKeys(pool, id),
    }),
  }),
});

const CreateFleetSuccess = builder.objectRef<{ fleet: Fleet }>('CreateFleetSuccess').implement({
  description: 'The fleet was created.',
  fields: (t) => ({ fleet: t.expose('fleet', { type: FleetRef, description: 'The new fleet.' }) }),
});

const CreateFleetPayload = payloadUnion('CreateFleetPayload', {
  description: 'What came of `createFleet`.',
  success: CreateFleetSuccess,
  failures: ['VALIDATION_FAILED', 'CONFLICT', 'FORBIDDEN'],
});

const CreateFleetInput = builder.inputType('CreateFleetInput', {
  description: 'The fleet to create.',
  fields: (t) => ({
    id: t.string({ required: true, description: 'Its name: 1 to 63 letters, digits, dots, underscores and dashes.' }),
  }),
});

builder.queryField('fleet', (t) =>
  t.field({
    type: FleetRef,
    description: 'The fleet of the request, as `X-Fleet-ID` names it. Example: `fleet { name }`.',
    operations: ['decisions.read'],
    resolve: async (_root, _args, { fleet, services: { pool } }) => {
      const found = await findFleet(pool, fleet);
      assert(found !== null, 'a caller is in a fleet that exists');
      return found;
    },
  }),
);

builder.mutationField('createFleet', (t) =>
  t.field({
    type: CreateFleetPayload,
    description: 'Creates a fleet. Example: `createFleet(input: { id: "prod-fleet-002" }) { … }`.',
    operations: ['fleets.manage'],
    refusals: ['VALIDATION_FAILED', 'CONFLICT', 'FORBIDDEN'],
    args: { input: t.arg({ type: CreateFleetInput, required: true, description: 'The fleet to create.' }) },
    resolve: async (_root, { input }, { viewer, services: { pool, clock } }) => ({
      fleet: await createFleet(pool, input.id, { actor: viewer.subject, nowMs: clock.now() }),
    }),
  }),
);
