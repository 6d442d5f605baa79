import { parseLiteral } from '../condition/literal.js';
import { type Type, unify } from '../condition/unit.js';

/** What one test may be evaluated, and one series be long. */
export const EVALUATIONS_MAX = 10_000;
export const VALUES_FORM =
  'values in the unit of the figure, one an evaluation, such as 1s 1s _ 3s x5 (_ for no data, x5 for five of the one before it)';

/** `1s 3s x4 _`; undefined for what is not such a row of values. */
export function parseValues(text: string, type: Type): (number | null)[] | undefined {
  return parseRow(text, (written) => {
    const literal = parseLiteral(written);
    if (literal === undefined || unify(type, literal.type) === null) return undefined;
    return type.flavour === 'share' && literal.value > 1 ? undefined : literal.value;
  });
}

/** `5 x3 20`; undefined for what is not such a row of whole numbers. */
export function parseCounts(text: string): (number | null)[] | undefined {
  return parseRow(text, (written) => (/^\d{1,9}$/.test(written) ? Number(written) : undefined));
}

function parseRow(text: string, parse: (written: string) => number | undefined): (number | null)[] | undefined {
  const row: (number | null)[] = [];
  for (const word of text.split(/\s+/).filter((each) => each !== '')) {
    const [, times] = /^x([1-9]\d{0,4})$/.exec(word) ?? [];
    const value = times === undefined ? (word === '_' ? null : parse(word)) : row.at(-1);
    const count = times === undefined ? 1 : Number(times) - 1;
    if (value === undefined || row.length + count > EVALUATIONS_MAX) return undefined;
    for (let index = 0; index < count; index += 1) row.push(value);
  }
  return row;
}
