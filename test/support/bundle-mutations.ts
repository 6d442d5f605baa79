import { type BundleLine, formatLine } from '../../src/ledger/bundle/line.js';
import { LineDigest } from '../../src/ledger/bundle/line-digest.js';

export type Line = Exclude<BundleLine, { type: 'end' }>;

/** Ways to change any bytes, at a place, with a number that says how. */
export const BYTE_MUTATIONS: readonly ((bytes: Buffer, at: number, other: number) => Buffer)[] = [
  (bytes, at, other) => Buffer.concat([bytes.subarray(0, at), Buffer.of(other % 256), bytes.subarray(at + 1)]),
  (bytes, at, other) => {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (other % 8));
    return flipped;
  },
  (bytes, at, other) => Buffer.concat([bytes.subarray(0, at), Buffer.of(other % 256), bytes.subarray(at)]),
  (bytes, at, other) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + (other % 200))]),
  (bytes, at) => bytes.subarray(0, at),
  (bytes, at, other) => {
    const from = other % bytes.length;
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, from + 40), bytes.subarray(at)]);
  },
];

/** What anybody can do: the line texts with an end that fits them. */
export function sealLines(lines: readonly Line[]): Buffer[] {
  const digest = new LineDigest();
  const count = (type: string) => lines.filter((line) => line.type === type).length;
  const sealed = lines.map((line) => {
    const text = formatLine(line);
    if (line.type === 'entry') digest.takeHash(line.hash);
    else digest.takeLine(text);
    return Buffer.from(text);
  });
  const end = { entries: count('entry'), openings: count('opening'), lines: lines.length + 1, digest: digest.end() };
  return [...sealed, Buffer.from(formatLine({ type: 'end', ...end }))];
}

/** Nobody vouches for these, and the format says so. */
const isInformation = ({ type }: Line) => type === 'key' || type === 'policy';
/** Content may be withheld, and the word of the installation missing: a bundle without some of it is another true bundle. */
const isOptional = (line: Line) => isInformation(line) || line.type === 'opening' || line.type === 'installation';

/** `foreign`: lines of other bundles. */
type LineMutation = (lines: readonly Line[], where: number, other: number, foreign: readonly Line[]) => Line[] | null;

/** Ways to change what lines say or where they stand; null where that would be another true bundle. */
export const LINE_MUTATIONS: readonly LineMutation[] = [
  function changeField(lines, where, other) {
    const at = where % lines.length;
    const line = lines[at] as Line;
    const fields = Object.keys(line).filter((field) => !['type', 'about', 'generator', 'format'].includes(field));
    const field = fields[other % fields.length];
    if (isInformation(line) || field === undefined) return null;
    const value = line[field as keyof Line] as unknown;
    const changed = mutateValue(value, other);
    if (changed === null || isHarmless(line, field)) return null;
    return lines.with(at, { ...line, [field]: changed } as Line);
  },
  function drop(lines, where) {
    const at = where % lines.length;
    return isOptional(lines[at] as Line) ? null : lines.toSpliced(at, 1);
  },
  function repeat(lines, where, other) {
    const at = where % lines.length;
    return isInformation(lines[at] as Line) ? null : lines.toSpliced(other % (lines.length + 1), 0, lines[at] as Line);
  },
  function exchange(lines, where, other) {
    const [a, b] = [where % lines.length, other % lines.length];
    const [left, right] = [lines[a] as Line, lines[b] as Line];
    const isSame = formatLine(left) === formatLine(right);
    if (isSame || isInformation(left) || isInformation(right) || (left.type === 'opening' && right.type === 'opening'))
      return null;
    return lines.with(a, right).with(b, left);
  },
  function borrow(lines, where, other, foreign) {
    const borrowed = foreign[other % foreign.length] as Line;
    const at = where % lines.length;
    const line = lines[at] as Line;
    if (isOptional(borrowed) || isOptional(line) || formatLine(borrowed) === formatLine(line)) return null;
    return lines.with(at, borrowed);
  },
];

/** Whether content is disclosed says nothing while there is none. */
const isHarmless = (_line: Line, field: string) => field === 'content' && _line.type === 'manifest';

const LETTERS = '0123456789abcdef';

function mutateValue(value: unknown, other: number): unknown {
  if (typeof value === 'number') return value + 1 + (other % 3);
  if (Array.isArray(value)) {
    if (value.length === 0) return ['0'.repeat(64)];
    return other % 3 === 0
      ? value.slice(1)
      : value.with(other % value.length, mutateValue(value[other % value.length], other));
  }
  if (typeof value !== 'string' || value === '') return null;
  const at = other % value.length;
  const letter = LETTERS[other % LETTERS.length];
  if (value === 'range' || value === 'selection') return value === 'range' ? 'selection' : 'range';
  return value[at] === letter ? null : `${value.slice(0, at)}${letter}${value.slice(at + 1)}`;
}
