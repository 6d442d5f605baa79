import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generateOperations } from '../../../scripts/operations.mjs';

test('the dashboard’s operations are what their sources and the schema make of them: npm run operations', async () => {
  const generated = await generateOperations();
  expect(generated.length).toBeGreaterThan(2);
  for (const { file, text } of generated) expect(readFileSync(file, 'utf8')).toBe(text);
});
