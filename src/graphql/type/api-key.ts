import { type ApiKey, createApiKey, type RevokedKey, revokeApiKey } from '../../access/store.js';
import { isStorableText } from '../../decision/filter.js';
import { AppError } from '../../errors.js';
import { builder } from '../builder.js';
import { RoleEnum } from '../enums.js';
import { payloadUnion } from '../failure.js';
import { formatGlobalId, parseGlobalId } from '../global-id.js';
import { ApiKeyRef, NodeRef } from '../refs.js';

ApiKeyRef.implement({
  description: 'A machine’s credential for one fleet. The key itself is shown once and never stored.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({ description: '`ApiKey:<id>`.', resolve: ({ id }) => formatGlobalId('ApiKey', id) }),
    role: t.expose('role', { type: RoleEnum, description: 'What it may do.' }),
    name: t.exposeString('name', { description: 'What it is for.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    createdBy: t.exposeString('createdBy', { description: 'Who made it.' }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was ended; null while it works.',
    }),
  }),
});

const CreateApiKeySuccess = builder.objectRef<{ key: string; apiKey: ApiKey }>('CreateApiKeySuccess').implement({
  description: 'The key was made.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'The key: this is the only time it is shown.' }),
    apiKey: t.expose('apiKey', { type: ApiKeyRef, description: 'What is kept of it.' }),
  }),
});

const RevokeApiKeySuccess = builder.objectRef<RevokedKey>('RevokeApiKeySuccess').implement({
  description: 'The key is ended, now or already before.',
  fields: (t) => ({
    apiKey: t.expose('apiKey', { type: ApiKeyRef, description: 'The key that was ended.' }),
    owed: t.exposeBoolean('isOwed', {
      description: 'Whether the ledger stands still, so that the entry that says so is sealed once it goes on.',
    }),
  }),
});

const CreateApiKeyPayload = payloadUnion('CreateApiKeyPayload', {
  description: 'What came of `createApiKey`.',
  success: CreateApiKeySuccess,
  failures: ['VALIDATION_FAILED', 'NOT_FOUND', 'FORBIDDEN'],
});

const RevokeApiKeyPayload = payloadUnion('RevokeApiKeyPayload', {
  description: 'What came of `revokeApiKey`.',
  success: RevokeApiKeySuccess,
  failures: ['NOT_FOUND', 'FORBIDDEN'],
});

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  description: 'The key to make, for the fleet of the request.',
  fields: (t) => ({
    role: t.field({ type: RoleEnum, required: true, description: 'What it may do.' }),
    name: t.string({ required: true, description: 'What it is for, 1 to 200 characters.' }),
  }),
});

const RevokeApiKeyInput = builder.inputType('RevokeApiKeyInput', {
  description: 'The key to end.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id, `ApiKey:<id>`.' }) }),
});

const NAME_LENGTH_MAX = 200;

builder.mutationFields((t) => ({
  createApiKey: t.field({
    type: CreateApiKeyPayload,
    description:
      'Makes an API key for the fleet. Example: `createApiKey(input: { role: INGEST, name: "collector" }) { … }`.',
    operations: ['keys.manage'],
    refusals: ['VALIDATION_FAILED', 'NOT_FOUND', 'FORBIDDEN'],
    args: { input: t.arg({ type: CreateApiKeyInput, required: true, description: 'The key to make.' }) },
    resolve: (_root, { input: { role, name } }, { viewer, fleet, services: { pool, clock } }) =>
      createApiKey(
        pool,
        { fleetId: fleet, role, name: checkName(name) },
        { actor: viewer.subject, nowMs: clock.now() },
      ),
  }),
  revokeApiKey: t.field({
    type: RevokeApiKeyPayload,
    description: 'Ends an API key of the fleet. Example: `revokeApiKey(input: { id: "ApiKey:…" }) { … }`.',
    operations: ['keys.manage'],
    refusals: ['NOT_FOUND', 'FORBIDDEN'],
    args: { input: t.arg({ type: RevokeApiKeyInput, required: true, description: 'The key to end.' }) },
    resolve: (_root, { input }, { viewer, fleet, services: { pool, clock } }) => {
      const { type, key } = parseGlobalId(input.id);
      if (type !== 'ApiKey' || !isStorableText(key)) throw new AppError('NOT_FOUND', 'there is no such API key');
      return revokeApiKey(pool, fleet, key, { actor: viewer.subject, nowMs: clock.now() });
    },
  }),
}));

function checkName(name: string): string {
  if (name.length >= 1 && name.length <= NAME_LENGTH_MAX && isStorableText(name)) return name;
  throw new AppError('VALIDATION_FAILED', `name must be 1 to ${NAME_LENGTH_MAX} characters of valid text`, {
    path: ['name'],
  });
}
