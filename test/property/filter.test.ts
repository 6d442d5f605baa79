import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OUTCOMES, RISK_CLASSES } from '../../src/decision/decision.js';
import { type DecisionFilter, escapeLike, filterSql, findUnstorableText } from '../../src/decision/filter.js';
import { pageSql } from '../../src/decision/list.js';

/** Text that would be seen if it got into the statement. */
const hostile = fc.string({ unit: 'binary', minLength: 1 }).map((text) => `'; DROP TABLE decision; -- ${text}`);
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
const listOf = <Value>(arbitrary: fc.Arbitrary<Value>) => maybe(fc.array(arbitrary, { maxLength: 3 }));
const time = maybe(fc.date({ noInvalidDate: true, min: new Date('1970-01-01'), max: new Date('2100-01-01') }));

const filters: fc.Arbitrary<DecisionFilter> = fc.record({
  agents: listOf(hostile),
  models: listOf(hostile),
  providers: listOf(hostile),
  customerSegments: listOf(hostile),
  requestTypes: listOf(hostile),
  riskClasses: listOf(fc.constantFrom(...RISK_CLASSES)),
  regions: listOf(hostile),
  environments: listOf(hostile),
  agentVersions: listOf(hostile),
  outcomes: listOf(fc.constantFrom(...OUTCOMES)),
  conversationId: maybe(hostile),
  traceId: maybe(hostile),
  from: time,
  to: time,
  latencyMsAtLeast: maybe(fc.double({ noNaN: true })),
  tokensAtLeast: maybe(fc.integer()),
  costUsdAtLeast: maybe(fc.double({ noNaN: true })),
  text: maybe(hostile),
});

const placeholders = (sql: string) => [...sql.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number));

describe('a filter as SQL', () => {
  it('has a parameter for each condition given, numbered from where it is told, and no value in its text', () => {
    fc.assert(
      fc.property(filters, fc.integer({ min: 1, max: 50 }), (filter, first) => {
        const { text, parameters } = filterSql(filter, first);
        const given = Object.values(filter).filter((value) => value !== undefined);
        expect(parameters).toHaveLength(given.length);
        const used = [...new Set(placeholders(text))].sort((a, b) => a - b);
        expect(used).toEqual(given.map((_value, index) => first + index));
        expect(text).not.toContain('DROP TABLE');
        expect(text.split(' AND ')).toHaveLength(Math.max(given.length, 1));
      }),
    );
  });

  it('is the same text for the same conditions, whatever their values', () => {
    fc.assert(
      fc.property(filters, fc.string(), (filter, other) => {
        const changed = Object.fromEntries(
          Object.entries(filter).map(([field, value]) => [field, typeof value === 'string' ? other : value]),
        );
        expect(filterSql(changed, 3).text).toBe(filterSql(filter, 3).text);
      }),
    );
  });

  it('asks for nothing when nothing is given', () => {
    expect(filterSql({ agents: null, text: undefined }, 1)).toEqual({ text: 'TRUE', parameters: [] });
  });

  it('keeps the parameters of a whole page in step with its placeholders', () => {
    const page = fc.record({
      limit: fc.integer({ min: 1, max: 100 }),
      direction: fc.constantFrom('forward' as const, 'backward' as const),
      beyond: fc.option(fc.record({ startedAtMs: fc.nat(), id: hostile })),
    });
    fc.assert(
      fc.property(filters, page, fc.option(fc.array(hostile)), (filter, request, agents) => {
        const lists = agents ?? [null];
        const { text, parameters } = pageSql({ fleet: 'here', filter, page: request }, { lists, days: ['2026-11-24'] });
        expect(new Set(placeholders(text)).size).toBe(parameters.length);
        expect(Math.max(...placeholders(text))).toBe(parameters.length);
        expect(text).not.toContain('DROP TABLE');
      }),
    );
  });
});

describe('text in a filter', () => {
  /** LIKE as the SQL standard has it, with the backslash as escape. */
  function like(value: string, pattern: string): boolean {
    const source = pattern.replace(/\\([\s\S])|%|_|[^\\%_]/gu, (token, escaped: string | undefined) => {
      if (escaped !== undefined) return quote(escaped);
      if (token === '%') return '[\\s\\S]*';
      return token === '_' ? '[\\s\\S]' : quote(token);
    });
    return new RegExp(`^${source}$`, 'u').test(value);
  }
  const quote = (character: string) => character.replace(/[\\^$.*+?()[\]{}|/-]/gu, '\\$&');
  const wild = fc.string({ unit: fc.constantFrom('a', 'b', '%', '_', '\\', '.') });

  it('matches itself and nothing else, wildcards and escapes included', () => {
    fc.assert(
      fc.property(wild, wild, (text, value) => {
        expect(like(text, escapeLike(text))).toBe(true);
        expect(like(value, `%${escapeLike(text)}%`)).toBe(value.includes(text));
      }),
    );
  });

  it('is found out when PostgreSQL could not hold it', () => {
    fc.assert(
      fc.property(filters, fc.constantFrom('\0', '\ud800', '\udc00x'), (filter, bad) => {
        expect(findUnstorableText({ ...filter, agents: null, text: `x${bad}` })).not.toBeNull();
        expect(findUnstorableText({ regions: ['fine', bad] })).toBe('regions');
        expect(findUnstorableText({ regions: ['fine'], traceId: '𝄞' })).toBeNull();
      }),
    );
  });
});
