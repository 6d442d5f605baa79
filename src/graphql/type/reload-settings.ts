import type { Reload } from '../../settings/live-settings.js';
import { builder } from '../builder.js';
import { payloadUnion } from '../failure.js';

const ReloadSettingsSuccess = builder.objectRef<Reload>('ReloadSettingsSuccess').implement({
  description: 'The file was read as a whole, and what is followed holds now.',
  fields: (t) => ({
    sha256: t.exposeString('digest', { nullable: true, description: 'Hex, of the file; null when there is none.' }),
    needRestart: t.exposeStringList('needRestart', {
      description: 'Sections that have changed and hold only after a restart.',
    }),
  }),
});

const ReloadSettingsPayload = payloadUnion('ReloadSettingsPayload', {
  description: 'What came of `reloadSettings`.',
  success: ReloadSettingsSuccess,
  failures: ['VALIDATION_FAILED', 'FORBIDDEN'],
});

builder.mutationField('reloadSettings', (t) =>
  t.field({
    type: ReloadSettingsPayload,
    description:
      'Has midwatch.yaml read anew: alert rules, notifications, budgets and required tools. A file that is wrong changes ' +
      'nothing. Example: `reloadSettings { ... on ReloadSettingsSuccess { sha256 needRestart } }`.',
    operations: ['settings.reload'],
    refusals: ['VALIDATION_FAILED', 'FORBIDDEN'],
    resolve: (_root, _args, { viewer, services: { reloadSettings } }) => reloadSettings(viewer.subject),
  }),
);
