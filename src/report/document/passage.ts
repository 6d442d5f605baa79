import { type Field, type Message, type Part, readTranscript } from '../../decision/transcript.js';
import type { Repeated, Telling } from './told-messages.js';
import { counted, grouped, percent } from './wording.js';

/** Recorded content under what it is: `INPUT`, `INPUT · user`, `OUTPUT · assistant · calls refund`. */
export interface Passage {
  name: string;
  /** Null where the name says it all. */
  text: string | null;
}

const CHARACTERS_MAX = 6_000;
const NAME_MAX = 120;

/**
 * Content set out to be read, as far as a page can hold it; not a word in the texts is ours but where some was left out. Of
 * what a step is given, messages that were told before are named and not told again.
 */
export function passagesOf(name: string, content: string, telling: Telling | null = null): Passage[] {
  return shorten(layOut(name, content, telling));
}

function layOut(name: string, content: string, telling: Telling | null = null): Passage[] {
  const transcript = readTranscript(content);
  if ('text' in transcript) return [{ name, text: transcript.text }];
  if ('fields' in transcript) return [{ name, text: linesOf(transcript.fields) }];
  const { messages } = transcript;
  const repeated = telling?.told.take(messages, telling.place) ?? null;
  if (repeated === null) return ofMessages(name, messages);
  return [namedAgain(name, repeated, messages.length), ...ofMessages(name, messages.slice(repeated.count))];
}

/** In the label, after a colon: what content says of itself there comes after a dot, and what it says is text. */
function namedAgain(name: string, { count, of, place }: Repeated, total: number): Passage {
  const rest = count === total ? 'and no more' : 'and then';
  return { name: `${name}: ${firstOf(count, of)} of step ${place}, ${rest}`, text: null };
}

function firstOf(count: number, of: number): string {
  if (of === 1) return 'the message';
  if (count === of) return `all ${counted(of, 'message')}`;
  return `the first${count === 1 ? '' : ` ${grouped(count)}`} of ${counted(of, 'message')}`;
}

function ofMessages(name: string, messages: readonly Message[]): Passage[] {
  return messages.flatMap(({ role, parts }) =>
    parts.length === 0
      ? [{ name: `${name} · ${role} · empty`, text: '' }]
      : parts.flatMap((part) => ofPart(`${name} · ${role}`, part)),
  );
}

function ofPart(name: string, part: Part): Passage[] {
  switch (part.kind) {
    case 'text':
      return [{ name, text: part.text }];
    case 'reasoning':
      return [{ name: `${name} · reasoning`, text: part.text }];
    case 'result':
      return layOut(`${name} · result`, part.text);
    case 'call':
      return [{ name: `${name} · calls ${part.name}`, text: linesOf(part.fields) }];
    case 'other':
      return [{ name, text: linesOf(part.fields) }];
  }
}

function linesOf(fields: readonly Field[]): string {
  return fields.map(({ name, value }) => (name === '' ? value : `${name}: ${value}`)).join('\n');
}

/** Names count too: a million of empty messages are more than a page can hold. */
function shorten(passages: readonly Passage[]): Passage[] {
  const shown: Passage[] = [];
  let left = CHARACTERS_MAX;
  for (const { name, text } of passages) {
    if (left <= 0) break;
    const label = clip(name, NAME_MAX);
    shown.push({ name: label, text: text === null ? null : text.slice(0, left).toWellFormed() });
    left -= label.length + (text?.length ?? 0);
  }
  const [total, kept] = [lengthOf(passages), lengthOf(shown)];
  const last = shown.at(-1);
  if (last === undefined || (total === kept && shown.length === passages.length)) return shown;
  const rest = `${grouped(total - kept)} more characters are in the attached bundle (${percent(kept, total)} is shown)`;
  return shown.with(-1, { ...last, text: `${last.text ?? ''} …\n[${rest}]` });
}

/** On one line: a role or a tool whose name has lines in it could pass for another label. */
function clip(text: string, length: number): string {
  const line = text.slice(0, length).replaceAll(/\s+/g, ' ').toWellFormed();
  return text.length <= length ? line : `${line} …`;
}

function lengthOf(passages: readonly Passage[]): number {
  return passages.reduce((sum, { text }) => sum + (text?.length ?? 0), 0);
}
