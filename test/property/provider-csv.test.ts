import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDollars } from '../../src/cost/dollars.js';
import { CSV_COLUMNS, readProviderCsv } from '../../src/cost/provider/csv.js';
import { readCsvRecords } from '../../src/cost/provider/csv-text.js';
import type { ProviderUsage } from '../../src/cost/provider/usage.js';

const count = fc.option(fc.nat({ max: 2 ** 31 }), { nil: null });
const name = fc.string({
  unit: fc.constantFrom('a', 'Z', '"', ',', ' ', 'é', '-', '4', '.', '𝄞'),
  minLength: 1,
  maxLength: 20,
});
const usage: fc.Arbitrary<ProviderUsage> = fc.record({
  day: fc
    .date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
  model: name.map((text) => text.trim()).filter((text) => text !== ''),
  apiKey: name.map((text) => text.trim()),
  requests: fc.nat({ max: 2 ** 31 }),
  inputTokens: count,
  outputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count,
  costPicodollars: fc.option(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), { nil: null }),
});
const rows = fc.uniqueArray(usage, {
  selector: ({ day, model, apiKey }) => JSON.stringify([day, model, apiKey]),
  maxLength: 20,
});

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

function fieldsOf(row: ProviderUsage): Record<(typeof CSV_COLUMNS)[number], string> {
  return {
    day: row.day,
    model: row.model,
    api_key: row.apiKey,
    requests: String(row.requests ?? ''),
    input_tokens: String(row.inputTokens ?? ''),
    output_tokens: String(row.outputTokens ?? ''),
    cache_read_tokens: String(row.cacheReadTokens ?? ''),
    cache_write_tokens: String(row.cacheWriteTokens ?? ''),
    cost_usd: row.costPicodollars === null ? '' : formatDollars(row.costPicodollars),
  };
}

test('what is written is read, in whatever order the columns are', () => {
  fc.assert(
    fc.property(
      rows,
      fc.shuffledSubarray([...CSV_COLUMNS], { minLength: CSV_COLUMNS.length }),
      fc.constantFrom('\n', '\r\n', '\r'),
      (expected, columns, lineEnd) => {
        const lines = expected.map((row) => columns.map((column) => quoted(fieldsOf(row)[column])).join(','));
        expect(readProviderCsv([columns.join(','), ...lines].join(lineEnd))).toEqual(expected);
      },
    ),
  );
});

test('any fields survive quoting', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.string({ unit: 'binary' }), { minLength: 2, maxLength: 4 })), (records) => {
      const text = records.map((fields) => fields.map(quoted).join(',')).join('\n');
      expect(readCsvRecords(text).map(({ fields }) => fields)).toEqual(records);
    }),
  );
});

test('whatever the text is, it is read or refused', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', '1', '\ufeff') }), (text) => {
      try {
        readProviderCsv(`day,model,requests\n${text}`);
      } catch (error) {
        expect(error).toMatchObject({ code: 'VALIDATION_FAILED', message: expect.stringMatching(/^line \d/) });
      }
    }),
    { numRuns: 300 },
  );
});
