import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isConditionError, parseCondition } from '../../src/alert/condition/condition.js';
import { printCondition } from '../../src/alert/condition/print.js';

const numberLike = fc.constantFrom(
  'token_usage_sum',
  'decisions',
  'tool_invocations_avg',
  'anomalies{kind="LOOP"}',
  '5',
  '10k',
  '0.5',
);
const durationLike = fc.constantFrom('decision_latency_p95', 'queue_time_max{agent="a \\"*\\" \\\\"}', '2s', '0.5ms');
const moneyLike = fc.constantFrom('cost_sum', 'cost_avg{segment!="test", model="gpt-*"}', '$5', '$0.01');
const binary = (operand: fc.Arbitrary<string>, ...operators: string[]) =>
  fc
    .tuple(operand, fc.constantFrom(...operators), operand)
    .map(([left, operator, right]) => `(${left}) ${operator} ${right}`);

/** Calculations of one unit. */
const calculation = (leaf: fc.Arbitrary<string>) =>
  fc.letrec<{ sum: string }>((tie) => ({
    sum: fc.oneof(
      { maxDepth: 3 },
      leaf,
      binary(tie('sum'), '+', '-').map((text) => `(${text})`),
      fc
        .tuple(tie('sum'), fc.constantFrom('*', '/'), fc.constantFrom('2', 'decisions'))
        .map((parts) => parts.join(' ')),
    ),
  })).sum;

const comparison = fc.oneof(
  ...[numberLike, durationLike, moneyLike].map((leaf) => binary(calculation(leaf), '>', '>=', '<', '<=', '==', '!=')),
  fc.constantFrom(
    'cost > $5/h',
    '10k/min < token_usage',
    'error_rate > 5%',
    'hallucination_score >= 0.5',
    '3 > token_usage',
  ),
);

const condition = fc
  .letrec<{ whole: string }>((tie) => ({
    whole: fc.oneof(
      { maxDepth: 4 },
      comparison,
      tie('whole').map((text) => `not (${text})`),
      fc
        .tuple(tie('whole'), fc.constantFrom('and', 'or'), tie('whole'))
        .map(([left, word, right]) => `(${left}) ${word} (${right})`),
      fc.tuple(comparison, fc.constantFrom('and', 'or'), tie('whole')).map((parts) => parts.join(' ')),
    ),
  }))
  .whole.chain((text) =>
    fc.constantFrom('', ' by fleet', ' by agent', ' by customer_segment, agent').map((by) => text + by),
  );

test('what a condition means is what its canonical form means', () => {
  let read = 0;
  fc.assert(
    fc.property(condition, (text) => {
      const parsed = parseCondition(text);
      // Not every calculation measures something, or ends in the unit it began with.
      if (isConditionError(parsed)) return;
      read += 1;
      const printed = printCondition(parsed);
      expect(parseCondition(printed)).toEqual({ ...parsed, text: printed });
    }),
    { numRuns: 3_000 },
  );
  expect(read).toBeGreaterThan(500);
});

const piece = fc.constantFrom(
  ...['token_usage', 'decision_latency_p95', 'cost_sum', 'error_rate', 'anomalies', 'agent', 'by', 'and', 'or', 'not'],
  ...['>', '>=', '<', '==', '!=', '=', '+', '-', '*', '/', '(', ')', '{', '}', ',', '"', "'", '"fraud-*"', '&&', '=~'],
  ...['5', '5000', '2s', '95%', '$5', '$5/h', '10k/min', '5x', '.', '1e9', ' ', '\n', '\u0000', '\ud800', '😀'],
);

test('whatever is written, it is a condition or a mistake at a place of the text', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(' ')),
    fc.array(piece, { maxLength: 8 }).map((pieces) => `token_usage > 5 ${pieces.join(' ')}`),
  );
  fc.assert(
    fc.property(text, (written) => {
      const parsed = parseCondition(written);
      if (!isConditionError(parsed)) return;
      expect(parsed.offset >= 0 && parsed.offset <= written.length).toBe(true);
      expect(parsed.message).not.toBe('');
    }),
    { numRuns: 5_000 },
  );
});
