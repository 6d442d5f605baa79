import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Question, Source } from '../src/detect/grounding/score-answer.js';

/** One line of a set of answers with their sources, as `../shared/data/grounding` has them. */
export interface GroundingRow {
  id: string;
  dataset: string;
  question: string | null;
  context: string | null;
  answer: string;
  /** 1: made up, or not supported by the context. */
  label: 0 | 1;
  pair?: string;
  task?: string;
  kind?: string;
  tool_calls?: number;
}

export const DATA_DIR = path.resolve(import.meta.dirname, '../../shared/data/grounding/data');

/** All rows below the directory, or below its `data`, by set. */
export function readRows(directory: string): Map<string, GroundingRow[]> {
  const inner = path.join(directory, 'data');
  const from = existsSync(inner) ? inner : directory;
  const sets = new Map<string, GroundingRow[]>();
  for (const name of readdirSync(from).sort()) {
    if (!name.endsWith('.jsonl')) continue;
    for (const line of readFileSync(path.join(from, name), 'utf8').split('\n')) {
      if (line.trim() === '') continue;
      const row = JSON.parse(line) as GroundingRow;
      const rows = sets.get(row.dataset);
      if (rows === undefined) sets.set(row.dataset, [row]);
      else rows.push(row);
    }
  }
  return sets;
}

/** Results of tools stand in the context of an agent's row one after the other, each behind the tool's name in brackets. */
const RESULT = /(?:^|\n\n)\[(\w+)\] ?/g;

/** Rows of agents are those that say how many tools were called. */
export function sourcesOf({ context, tool_calls: toolCalls }: GroundingRow): Source[] {
  if (context === null || context === '') return [];
  if (toolCalls === undefined) return [{ text: context, toolName: null }];
  const marks = [...context.matchAll(RESULT)];
  if (marks.length === 0) return [{ text: context, toolName: null }];
  return marks.map((mark, index) => ({
    text: context.slice(mark.index + mark[0].length, marks[index + 1]?.index),
    toolName: mark[1] ?? null,
  }));
}

/** The row as an answer to be scored. */
export function questionOf(row: GroundingRow): Question {
  const sources = sourcesOf(row);
  const doneBy = sources.flatMap(({ toolName }) => toolName ?? []);
  return {
    answer: row.answer,
    question: row.question ?? '',
    sources,
    doneBy: doneBy.length > 0 ? doneBy : null,
    isPartial: false,
  };
}
