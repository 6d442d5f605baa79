import { z } from 'zod';
import type { Clock } from '../clock.js';
import { readRetryAfter } from '../retry-after.js';
import type { JudgeSetting } from '../settings/settings.js';
import { OPINION_SCHEMA } from './opinion.js';
import type { Message } from './prompt.js';

export interface EndpointOptions extends Pick<JudgeSetting, 'url' | 'model' | 'deadlineMs'> {
  /** Null: none is sent. */
  key: string | null;
  clock: Clock;
}

/** What came of a call. A reason is one line that quotes nothing that was sent or answered. */
export type Reply =
  | { kind: 'answered'; text: string }
  /** It may go better another time, `waitMs` from now at the earliest if the other side said so. */
  | { kind: 'failed'; reason: string; waitMs: number | null }
  /** It would be refused every time. */
  | { kind: 'refused'; reason: string };

const BODY_BYTES_MAX = 256 * 1024;

const completion = z.object({ choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1) });

/**
 * Not everybody takes these, and whoever does not refuses the whole request: reasoning models of OpenAI take no temperature
 * but their own, servers of local models not every response format.
 */
const OPTIONAL = {
  temperature: 0,
  response_format: { type: 'json_schema', json_schema: { name: 'opinion', strict: true, schema: OPINION_SCHEMA } },
} as const;
type Optional = keyof typeof OPTIONAL;

/** One model behind an API like OpenAI's (POST …/chat/completions). */
export class Endpoint {
  readonly #options: EndpointOptions;
  /** What the other side said it does not take. */
  readonly #left = new Set<Optional>();

  constructor(options: EndpointOptions) {
    this.#options = options;
  }

  /** Calls once, within the deadline; never rejects. Redirects are not followed: the content would go to somebody else. */
  async complete(messages: readonly Message[], stopped: AbortSignal): Promise<Reply> {
    const { url, key, deadlineMs } = this.#options;
    const deadline = AbortSignal.timeout(deadlineMs);
    try {
      const response = await fetch(completionsUrl(url), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'user-agent': 'midwatch',
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        },
        body: this.#bodyOf(messages),
        redirect: 'manual',
        signal: AbortSignal.any([deadline, stopped]),
      });
      const text = await readText(response);
      return response.ok ? readCompletion(text) : this.#readRefusal(response, text ?? '');
    } catch (error) {
      const late = `no answer within ${deadlineMs / 1_000} seconds`;
      return failed(deadline.aborted ? late : `the connection failed${codeOf(error)}`);
    }
  }

  #bodyOf(messages: readonly Message[]): string {
    const taken = Object.entries(OPTIONAL).filter(([name]) => !this.#left.has(name as Optional));
    return JSON.stringify({ model: this.#options.model, messages, ...Object.fromEntries(taken) });
  }

  #readRefusal({ status, headers }: Response, text: string): Reply {
    const waitMs = readRetryAfter(headers.get('retry-after'), this.#options.clock.now());
    if (status === 400 || status === 413 || status === 422) {
      const names = Object.keys(OPTIONAL) as Optional[];
      const unknown = names.find((name) => text.includes(name) && !this.#left.has(name));
      if (unknown === undefined) return { kind: 'refused', reason: `status ${status}` };
      this.#left.add(unknown);
      return failed(`status ${status}: ${unknown} is not taken, and is left out from now on`, waitMs);
    }
    if (status === 401 || status === 403) return failed(`status ${status}: the key is refused`, waitMs);
    if (status >= 300 && status < 400) {
      return failed(`status ${status}: redirects are not followed; give the final URL`, waitMs);
    }
    return failed(`status ${status}`, waitMs);
  }
}

function failed(reason: string, waitMs: number | null = null): Reply {
  return { kind: 'failed', reason, waitMs };
}

function completionsUrl(base: string): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/chat/completions`;
  return url;
}

/** Null for a body that is larger than any answer. */
async function readText({ body }: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readCompletion(text: string | null): Reply {
  if (text === null) return failed(`the answer is larger than ${BODY_BYTES_MAX / 1024} KiB`);
  const read = completion.safeParse(parseJson(text));
  const [choice] = read.success ? read.data.choices : [];
  return choice === undefined
    ? failed('the answer is no chat completion')
    : { kind: 'answered', text: choice.message.content };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The same as JSON of another shape.
    return null;
  }
}

/** Messages of failed requests can quote headers: only the system's code is passed on. */
function codeOf(error: unknown): string {
  const code = ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code;
  return code === undefined ? '' : ` (${code})`;
}
