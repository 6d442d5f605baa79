import { CSV_BYTES_MAX, CSV_COLUMNS } from '../../cost/provider/csv.js';
import { importProviderUsage } from '../../cost/provider/import.js';
import { builder } from '../builder.js';
import { payloadUnion } from '../failure.js';

const ImportProviderUsageInput = builder.inputType('ImportProviderUsageInput', {
  description: 'A provider’s own figures.',
  fields: (t) => ({
    provider: t.string({
      required: true,
      description:
        'The provider as decisions name it, such as `aws.bedrock`: 1 to 100 letters, digits, dots, underscores and dashes.',
    }),
    csv: t.string({
      required: true,
      description:
        `CSV with a header, at most ${CSV_BYTES_MAX / 1024 / 1024} MiB. Columns, in any order: ${CSV_COLUMNS.join(', ')}; ` +
        'day, model and one figure are needed. `*` as model or key: all of them together.',
    }),
  }),
});

const ImportProviderUsageSuccess = builder.objectRef<{ rows: number }>('ImportProviderUsageSuccess').implement({
  description: 'Every row was taken.',
  fields: (t) => ({
    rows: t.exposeInt('rows', { description: 'How many; a day, model and key that was there before was replaced.' }),
  }),
});

const ImportProviderUsagePayload = payloadUnion('ImportProviderUsagePayload', {
  description: 'What came of `importProviderUsage`.',
  success: ImportProviderUsageSuccess,
  failures: ['VALIDATION_FAILED', 'CONFLICT', 'FORBIDDEN'],
});

builder.mutationField('importProviderUsage', (t) =>
  t.field({
    type: ImportProviderUsagePayload,
    description:
      'Takes a provider’s own figures from a CSV, the whole of it or nothing. ' +
      'Example: `importProviderUsage(input: { provider: "aws.bedrock", csv: "day,model,cost_usd\\n…" }) { … }`.',
    operations: ['providers.import'],
    refusals: ['VALIDATION_FAILED', 'CONFLICT', 'FORBIDDEN'],
    args: { input: t.arg({ type: ImportProviderUsageInput, required: true, description: 'The figures.' }) },
    resolve: async (_root, { input: { provider, csv } }, { fleet, services: { pool, clock, providers } }) => ({
      rows: await importProviderUsage({ pool, clock, providers }, { fleet, provider, csv }),
    }),
  }),
);
