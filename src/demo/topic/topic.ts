import type { Random } from '../random.js';

export type RiskClass = 'HIGH_RISK' | 'ROUTINE' | 'ADMIN';
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One request to an agent and everything needed to answer it. */
export interface Task {
  requestType: string;
  riskClass: RiskClass;
  question: string;
  lookup: Lookup;
  /** Says nothing that the question and the lookup do not. */
  answer: string;
  /** The same sentence with figures that the lookup did not return. */
  inventedAnswer: string;
}

/** Where the agent gets its facts: a tool, or a search in documents. */
export type Lookup =
  | { source: 'tool'; tool: string; arguments: Json; result: Json }
  | { source: 'documents'; collection: string; query: string; documents: readonly Document[] };

/** The lookup as the call a model asks for; a search is a tool too. */
export function callOf(lookup: Lookup): { name: string; arguments: Json } {
  if (lookup.source === 'tool') return { name: lookup.tool, arguments: lookup.arguments };
  return { name: 'search_documents', arguments: { collection: lookup.collection, query: lookup.query } };
}

export interface Document {
  id: string;
  score: number;
  content: string;
}

export type Topic = (random: Random) => Task;

interface TopicShape<Asked, Found> {
  requestType: string;
  riskClass: RiskClass;
  /** What the customer brings along. */
  ask(random: Random): Asked;
  /** What the systems of record hold. */
  find(random: Random): Found;
  question(asked: Asked): string;
  lookup(asked: Asked, found: Found): Lookup;
  answer(asked: Asked, found: Found): string;
}

export function defineTopic<Asked, Found>(shape: TopicShape<Asked, Found>): Topic {
  return (random) => {
    const asked = shape.ask(random);
    const found = shape.find(random);
    const question = shape.question(asked);
    const lookup = shape.lookup(asked, found);
    const known = figuresIn(`${question} ${JSON.stringify(lookup)}`);
    let inventedAnswer = shape.answer(asked, shape.find(random));
    while (figuresIn(inventedAnswer).every((figure) => known.includes(figure)))
      inventedAnswer = shape.answer(asked, shape.find(random));
    return {
      requestType: shape.requestType,
      riskClass: shape.riskClass,
      question,
      lookup,
      answer: shape.answer(asked, found),
      inventedAnswer,
    };
  };
}

/** Numbers, and dates as a whole. */
function figuresIn(text: string): string[] {
  return text.match(/\d+(?:[.-]\d+)*/g) ?? [];
}

/** As many records as such a system usually has. */
export function drawRecords<Record>(
  random: Random,
  { min, max }: { min: number; max: number },
  draw: () => Record,
): Record[] {
  return Array.from({ length: random.integer(min, max) }, draw);
}

/** An amount of money with cents, as text. */
export function drawAmount(random: Random, median: number): string {
  return random.lognormal(median, 0.6).toFixed(2);
}

/** A day of the current quarter's books, `2026-10-07`. */
export function drawDay(random: Random): string {
  return `2026-${String(random.integer(7, 12)).padStart(2, '0')}-${String(random.integer(1, 28)).padStart(2, '0')}`;
}
