import { expect, test } from 'vitest';
import { CSV_BYTES_MAX, readProviderCsv } from '../../../src/cost/provider/csv.js';
import { AppError } from '../../../src/errors.js';

const refusalOf = (text: string): string => {
  try {
    readProviderCsv(text);
    return 'taken';
  } catch (error) {
    if (error instanceof AppError && error.code === 'VALIDATION_FAILED') return error.message;
    throw error;
  }
};

test('columns come in any order and what is empty is not known', () => {
  const text = '\ufeffcost_usd,Model,day,requests\r\n0.125,"large, the",2026-11-22,3\r\n\r\n1e-3,small,2026-11-22,\r\n';
  const row = {
    day: '2026-11-22',
    apiKey: '*',
    inputTokens: null,
    outputTokens: null,
    cacheReadTokens: null,
    cacheWriteTokens: null,
  };
  expect(readProviderCsv(text)).toEqual([
    { ...row, model: 'large, the', requests: 3, costPicodollars: 125_000_000_000n },
    { ...row, model: 'small', requests: null, costPicodollars: 1_000_000_000n },
  ]);
});

test('a key column that is empty is use without a key', () => {
  expect(readProviderCsv('day,model,api_key,requests\n2026-11-22,m,,1')[0]?.apiKey).toBe('');
});

test.each([
  ['', 'line 1: the CSV is empty'],
  ['day,model,api_kee,requests\n', 'line 1, column "api_kee": there is no such column; did you mean api_key?'],
  ['day,model,colour_of_money\n', 'line 1, column "colour_of_money": there is no such column; columns are day'],
  ['day,requests\n', 'line 1: the column model is missing'],
  ['day,model,api_key\n', 'line 1: at least one of requests'],
  ['day,model,requests,requests\n', 'line 1, column "requests": it is in the header twice'],
  ['day,model,requests\n2026-11-22,m', 'line 2: 2 fields, and the header has 3'],
  ['day,model,requests\n2026-11-31,m,1', 'line 2, column "day": "2026-11-31" is not a day'],
  ['day,model,requests\n22.11.2026,m,1', 'line 2, column "day": "22.11.2026" is not a day'],
  ['day,model,requests\n2026-11-22,,1', 'line 2, column "model": a model is needed'],
  ['day,model,requests\n2026-11-22,m,1.5', 'line 2, column "requests": "1.5" is not a whole number'],
  ['day,model,cost_usd\n\n2026-11-22,m,"1,5"', 'line 3, column "cost_usd": "1,5" is not an amount'],
  ['day,model,requests\n2026-11-22,m,\n', 'line 2: no figure in the row'],
  ['day,model,requests\n2026-11-22,m,1\n2026-11-22,m,2\n', 'line 3: the same day, model and api_key as in line 2'],
  ['day,model,requests\n2026-11-22,"m,1', 'line 2, field 2: a quote is never closed'],
  ['day,model,requests\n2026-11-22,m"x",1', 'line 2, field 2: a quote inside a field'],
  ['day,model,requests\n2026-11-22,"m"x,1', 'line 2, field 2: text after a closing quote'],
  ['day,model,requests\n2026-11-22,"a\u0000b",1', 'line 2, column "model": at most 200 characters'],
  ['x'.repeat(CSV_BYTES_MAX + 1), 'the CSV is larger than 8 MiB'],
])('%#: what is wrong is named', (text, message) => {
  expect(refusalOf(text)).toContain(message);
});

test('lines are counted through quoted line ends', () => {
  expect(refusalOf('day,"model",requests\n2026-11-22,m,1\n2026-11-23,"m\nn",1')).toContain('line 3, column "model"');
});
