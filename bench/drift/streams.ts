import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Behaviour } from '../../src/detect/drift/behaviour.js';

/** Runs of one agent in order; `changeAt` is the first after the change, null when there is none. */
export interface Stream {
  id: string;
  kind: string;
  changeAt: number | null;
  behaviours: readonly Behaviour[];
}

interface Line {
  id: string;
  kind: string;
  change_at: number | null;
  fields: readonly string[];
  rows: readonly (readonly number[])[];
}

/** What its tokens were made of, four characters each. */
const CHARACTERS_PER_TOKEN = 4;
const RUN_EVERY_MS = 60_000;
const SECOND_MS = 1_000;

/** The streams under `directory`, in the order of the file; null when there are none. */
export function readStreams(directory: string): Stream[] | null {
  const file = path.join(directory, 'data', 'drift_streams.jsonl');
  if (!existsSync(file)) return null;
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => toStream(JSON.parse(line) as Line));
}

function toStream({ id, kind, change_at: changeAt, fields, rows }: Line): Stream {
  return {
    id,
    kind,
    changeAt,
    behaviours: rows.map((row, index) => toBehaviour((field) => row[fields.indexOf(field)] ?? 0, index)),
  };
}

/** The set knows no request types, tools or versions: what changes has to be seen in the figures alone. */
function toBehaviour(figureOf: (field: string) => number, index: number): Behaviour {
  return {
    atMs: index * RUN_EVERY_MS,
    requestType: null,
    setup: { agentVersion: '', fingerprint: '', model: '' },
    figures: {
      durationMs: figureOf('duration_s') * SECOND_MS,
      inputTokens: figureOf('prompt_tokens'),
      outputTokens: figureOf('output_tokens'),
      answerLength: figureOf('answer_tokens') * CHARACTERS_PER_TOKEN,
      modelCalls: figureOf('llm_turns'),
      toolCalls: figureOf('tool_calls'),
      failedToolCalls: figureOf('tool_errors'),
      repeatedCalls: figureOf('repeated_calls'),
      errors: 1 - figureOf('success'),
      refusals: null,
    },
    tools: [],
  };
}
