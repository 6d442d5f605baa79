import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesPattern } from '../../src/settings/pattern.js';
import { formatDuration, parseDuration, parseShare } from '../../src/settings/quantity.js';
import { checkSettings } from '../../src/settings/read.js';
import { placeIn } from '../../src/settings/text-place.js';

/** Pieces of the language, so that arbitrary files come near to being right. */
const piece = fc.constantFrom(
  ...[
    'agent_monitoring',
    'metrics',
    'alerting',
    'condition',
    'sampling',
    'rules',
    'prices',
    'providers',
    'keys',
    'kind',
    'budgets',
    'limit',
    'judge',
    'timestamps',
    'share',
    'notifications',
    'receivers',
    'routes',
    'match',
    'slack',
  ],
  ...[': ', ':\n  ', '\n    ', '\n', '\n- ', '- ', '? ', '[', ']', '{', '}', ', ', '"', "'", '|\n', '>-\n', '#', '\t'],
  ...[
    '&a ',
    '*a',
    '<<',
    '!!int ',
    '!x ',
    '%YAML 1.1\n',
    '---\n',
    '...\n',
    '~',
    '10%',
    '2s',
    'cost > 5',
    'csv',
    '\r',
    '\u0000',
  ],
  ...['\uFEFF', '\ud800', '\u2028', '__proto__'],
);
const file = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join('')),
  fc.array(piece, { maxLength: 40 }).map((pieces) => `agent_monitoring:\n  ${pieces.join('')}`),
);

test('whatever is written, each problem is one line at a place of the file', () => {
  fc.assert(
    fc.property(file, (text) => {
      const lines = text.split('\n');
      for (const { line, column, message } of checkSettings(text, 'midwatch.yaml').problems) {
        expect(line >= 1 && line <= lines.length).toBe(true);
        expect(column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 1).toBe(true);
        expect(message).not.toMatch(/[\n\r]/);
      }
    }),
    { numRuns: 3_000 },
  );
});

test('a pattern matches what the same regular expression matches', () => {
  const text = (letters: string) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 12 });
  fc.assert(
    fc.property(text('ab*'), text('ab'), (pattern, subject) => {
      const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(subject);
      expect(matchesPattern(pattern, subject)).toBe(expected);
    }),
    { numRuns: 2_000 },
  );
});

test('the place of a character is found through quotation marks and escapes', () => {
  const text = fc.string({ unit: fc.constantFrom(...`ab'"\\\u00e9\u{1F600}\u0007 #`), maxLength: 20 });
  fc.assert(
    fc.property(text, fc.nat(), (written, seed) => {
      const before = [...written].slice(0, seed % ([...written].length + 1)).join('');
      const columnIn = (source: string) => {
        const place = placeIn({ kind: 'text', text: written, source, line: 1, column: 1, key: '' }, before.length);
        return place.column - 1;
      };
      const single = (part: string) => part.replaceAll("'", "''");
      expect(columnIn(`'${single(written)}'`)).toBe(1 + single(before).length);
      expect(columnIn(JSON.stringify(written))).toBe(JSON.stringify(before).length - 1);
    }),
  );
});

test('a time is the same when it is written and read again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9_000_000 }), fc.constantFrom('ms', 's', 'm', 'h', 'd'), (count, unit) => {
      const ms = parseDuration(`${count}${unit}`);
      expect(ms).toBeDefined();
      expect(parseDuration(formatDuration(ms ?? Number.NaN))).toBe(ms);
    }),
  );
});

test('a share in percent is the number nearest to it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000 }), (thousandths) => {
      const percent = `${Math.floor(thousandths / 1_000)}.${String(thousandths % 1_000).padStart(3, '0')}`;
      expect(parseShare(`${percent}%`)).toBe(thousandths / 100_000);
    }),
  );
});
