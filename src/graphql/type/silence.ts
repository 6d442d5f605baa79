import { isStorableText } from '../../decision/filter.js';
import { AppError } from '../../errors.js';
import { createSilence, expireSilence, listSilences, type Silence } from '../../notify/silence.js';
import { builder } from '../builder.js';
import { connectionType, pageArguments, pageComplexity, readPageRequest, toConnection } from '../connection.js';
import { SILENCE_CURSOR } from '../cursor.js';
import { payloadUnion } from '../failure.js';
import { formatGlobalId, numberOfKey, parseGlobalId } from '../global-id.js';

const MatcherRef = builder.objectRef<{ label: string; pattern: string }>('SilenceMatcher').implement({
  description: 'What a label must be for an alert to be silenced.',
  fields: (t) => ({
    label: t.exposeString('label', { description: '`alertname`, `agent`, `severity` …' }),
    pattern: t.exposeString('pattern', { description: 'Its value; `*` stands for any characters.' }),
  }),
});

const SilenceRef = builder.objectRef<Silence>('Silence').implement({
  description: 'A time in which nobody is told of some alerts. They fire and resolve all the same.',
  fields: (t) => ({
    id: t.id({ description: '`Silence:<number>`.', resolve: ({ id }) => formatGlobalId('Silence', id) }),
    matchers: t.field({
      type: [MatcherRef],
      description: 'All must hold.',
      resolve: ({ matchers }) => Object.entries(matchers).map(([label, pattern]) => ({ label, pattern })),
    }),
    reason: t.exposeString('reason', { description: 'Why.' }),
    createdBy: t.exposeString('createdBy', { description: 'Who began it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'From when on it holds.' }),
    endsAt: t.expose('endsAt', { type: 'DateTime', description: 'When it is over.' }),
  }),
});

const SilenceConnection = connectionType(SilenceRef);
const SILENCE_LIST = { kind: SILENCE_CURSOR, keyOf: ({ id }: Silence) => id };

builder.queryField('silences', (t) =>
  t.field({
    type: SilenceConnection,
    description:
      'Silences, the newest first. Example: `silences { nodes { matchers { label pattern } endsAt reason } }`.',
    operations: ['decisions.read'],
    complexity: pageComplexity,
    args: { ended: t.arg.boolean({ description: 'With those that are over.' }), ...pageArguments },
    resolve: async (_root, { ended, ...args }, { fleet, services: { pool, clock } }) => {
      const page = readPageRequest(args, SILENCE_CURSOR, fleet);
      const endingAfter = ended === true ? null : new Date(clock.now());
      return toConnection(await listSilences({ pool, fleet, endingAfter, page }), fleet, SILENCE_LIST);
    },
  }),
);

const SilenceMatcherInput = builder.inputType('SilenceMatcherInput', {
  description: 'What a label must be.',
  fields: (t) => ({
    label: t.string({ required: true, description: '`alertname`, `agent`, `severity` …' }),
    pattern: t.string({ required: true, description: 'Its value; `*` stands for any characters.' }),
  }),
});

const SilenceInput = builder.inputType('SilenceInput', {
  description: 'What nobody is to be told of, for how long, and why.',
  fields: (t) => ({
    matchers: t.field({ type: [SilenceMatcherInput], required: true, description: 'All must hold; one at least.' }),
    startsAt: t.field({ type: 'DateTime', description: 'Now, if left out.' }),
    until: t.field({ type: 'DateTime', required: true, description: 'When it is over.' }),
    reason: t.string({ required: true, description: 'Why: it is sealed in the ledger.' }),
  }),
});

const ExpireSilenceInput = builder.inputType('ExpireSilenceInput', {
  description: 'The silence to end.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id, `Silence:<number>`.' }) }),
});

const SilenceSuccess = builder.objectRef<{ silence: Silence }>('SilenceSuccess').implement({
  description: 'The silence holds, and is sealed in the ledger.',
  fields: (t) => ({ silence: t.expose('silence', { type: SilenceRef, description: 'As it is now.' }) }),
});

const ExpireSilenceSuccess = builder.objectRef<{ silence: Silence }>('ExpireSilenceSuccess').implement({
  description: 'The silence is over, now or before.',
  fields: (t) => ({ silence: t.expose('silence', { type: SilenceRef, description: 'As it is now.' }) }),
});

const SilencePayload = payloadUnion('SilencePayload', {
  description: 'What came of `silence`.',
  success: SilenceSuccess,
  failures: ['VALIDATION_FAILED', 'FORBIDDEN'],
});

const ExpireSilencePayload = payloadUnion('ExpireSilencePayload', {
  description: 'What came of `expireSilence`.',
  success: ExpireSilenceSuccess,
  failures: ['NOT_FOUND', 'FORBIDDEN'],
});

builder.mutationFields((t) => ({
  silence: t.field({
    type: SilencePayload,
    description:
      'Keeps everybody from being told of some alerts for a while. Example: ' +
      '`silence(input: { matchers: [{ label: "agent", pattern: "fraud-*" }], until: "…", reason: "migration" }) { … }`.',
    operations: ['alerts.manage'],
    refusals: ['VALIDATION_FAILED', 'FORBIDDEN'],
    args: { input: t.arg({ type: SilenceInput, required: true, description: 'The silence.' }) },
    resolve: async (_root, { input }, { viewer, fleet, services: { pool, clock, wakeNotifications } }) => {
      const createdAt = new Date(clock.now());
      const silence = await createSilence(pool, fleet, {
        matchers: readMatchers(input.matchers),
        reason: readReason(input.reason),
        createdBy: viewer.subject,
        createdAt,
        startsAt: input.startsAt ?? createdAt,
        endsAt: input.until,
      });
      wakeNotifications();
      return { silence };
    },
  }),
  expireSilence: t.field({
    type: ExpireSilencePayload,
    description: 'Ends a silence before its time. Example: `expireSilence(input: { id: "Silence:3" }) { … }`.',
    operations: ['alerts.manage'],
    refusals: ['NOT_FOUND', 'FORBIDDEN'],
    args: { input: t.arg({ type: ExpireSilenceInput, required: true, description: 'The silence to end.' }) },
    resolve: async (_root, { input }, { viewer, fleet, services: { pool, clock, wakeNotifications } }) => {
      const { type, key } = parseGlobalId(input.id);
      const number = type === 'Silence' ? numberOfKey(key) : null;
      const ending = { actor: viewer.subject, now: new Date(clock.now()) };
      const silence = number === null ? null : await expireSilence(pool, fleet, { id: number, ...ending });
      if (silence === null) throw new AppError('NOT_FOUND', 'there is no such silence');
      wakeNotifications();
      return { silence };
    },
  }),
}));

function readMatchers(matchers: readonly { label: string; pattern: string }[]): Record<string, string> {
  const labels = matchers.map(({ label }) => label);
  if (new Set(labels).size === labels.length) {
    return Object.fromEntries(matchers.map(({ label, pattern }) => [label, pattern]));
  }
  throw new AppError('VALIDATION_FAILED', 'matchers has a label twice: one pattern must say all', {
    path: ['matchers'],
  });
}

function readReason(reason: string): string {
  if (reason.trim() !== '' && isStorableText(reason)) return reason;
  throw new AppError('VALIDATION_FAILED', 'reason is empty, or not valid text', { path: ['reason'] });
}
