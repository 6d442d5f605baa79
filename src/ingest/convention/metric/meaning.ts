import type { Counter, Measure } from '../../../metric/figures.js';
import type { Source } from '../../../metric/slice.js';

export type TokenCounter = Extract<Counter, `${string}_tokens`>;

/** What a metric of another's making says in our figures. */
export type Meaning = DurationMeaning | TokenMeaning | CostMeaning;

interface Origin {
  source: Extract<Source, 'CLIENT_METRICS' | 'SERVER_METRICS'>;
}

export interface DurationMeaning extends Origin {
  subject: Extract<Measure, 'latency' | 'inference_latency' | 'queue_time' | 'time_to_first_token'>;
  /** Of metrics that name no unit. */
  unit: 's' | 'ms';
  /** `error.type` says whether a call failed; false where the metric does not tell. */
  tellsOutcome: boolean;
}

export interface TokenMeaning extends Origin {
  subject: 'tokens';
  /** The attribute that says which tokens; null when the metric counts one kind only. */
  typeAttribute: string | null;
  /** What each type counts towards; under '' the one kind. */
  counters: Readonly<Record<string, readonly TokenCounter[]>>;
}

export interface CostMeaning extends Origin {
  subject: 'cost';
}

const CLIENT = 'CLIENT_METRICS';
const SERVER = 'SERVER_METRICS';

const duration = (source: Origin['source'], subject: DurationMeaning['subject'], unit: 's' | 'ms' = 's'): Meaning => ({
  source,
  subject,
  unit,
  tellsOutcome: false,
});
const call = (source: Origin['source'], subject: DurationMeaning['subject']): Meaning => ({
  source,
  subject,
  unit: 's',
  tellsOutcome: true,
});
const tokens = (source: Origin['source'], ...counters: TokenCounter[]): Meaning => ({
  source,
  subject: 'tokens',
  typeAttribute: null,
  counters: { '': counters },
});
const tokensByType = (typeAttribute: string, counters: TokenMeaning['counters']): Meaning => ({
  source: CLIENT,
  subject: 'tokens',
  typeAttribute,
  counters,
});

/**
 * Metrics by dialect and name. Where one resource says the same thing in several dialects, the first of them counts: Gemini CLI
 * sends its tokens under a name of its own and under GenAI's, and GenAI's names are changing. Input includes what was read
 * from and written to a cache and output includes reasoning, whatever the dialect counts apart.
 *
 * Sources: OpenTelemetry GenAI semantic conventions, metrics and token metrics; the telemetry pages of Claude Code and Gemini
 * CLI; the metrics pages of vLLM, SGLang and Text Generation Inference. Prometheus names of inference servers are looked up
 * without `_total`, and with `_` for `:` (`namesOf`).
 */
const DIALECTS: readonly Readonly<Record<string, Meaning>>[] = [
  {
    'claude_code.token.usage': tokensByType('type', {
      input: ['input_tokens'],
      output: ['output_tokens'],
      cacheRead: ['cache_read_tokens', 'input_tokens'],
      cacheCreation: ['cache_write_tokens', 'input_tokens'],
    }),
    'claude_code.cost.usage': { source: CLIENT, subject: 'cost' },
  },
  {
    'gemini_cli.token.usage': tokensByType('type', {
      input: ['input_tokens'],
      output: ['output_tokens'],
      thought: ['reasoning_tokens', 'output_tokens'],
      cache: ['cache_read_tokens'],
    }),
  },
  {
    'gen_ai.client.inference.usage.input_tokens': tokens(CLIENT, 'input_tokens'),
    'gen_ai.client.inference.usage.output_tokens': tokens(CLIENT, 'output_tokens'),
    'gen_ai.client.inference.usage.cache_read.input_tokens': tokens(CLIENT, 'cache_read_tokens'),
    'gen_ai.client.inference.usage.cache_write.input_tokens': tokens(CLIENT, 'cache_write_tokens'),
    'gen_ai.client.inference.usage.reasoning.output_tokens': tokens(CLIENT, 'reasoning_tokens'),
    'gen_ai.client.inference.duration': call(CLIENT, 'inference_latency'),
  },
  {
    'gen_ai.client.inference.operation.input_tokens': tokens(CLIENT, 'input_tokens'),
    'gen_ai.client.inference.operation.output_tokens': tokens(CLIENT, 'output_tokens'),
  },
  {
    'gen_ai.client.token.usage': tokensByType('gen_ai.token.type', {
      input: ['input_tokens'],
      output: ['output_tokens'],
      completion: ['output_tokens'],
    }),
    'gen_ai.client.operation.duration': call(CLIENT, 'inference_latency'),
    'gen_ai.client.operation.time_to_first_chunk': duration(CLIENT, 'time_to_first_token'),
    'gen_ai.invoke_agent.duration': call(CLIENT, 'latency'),
    'gen_ai.server.request.duration': call(SERVER, 'inference_latency'),
    'gen_ai.server.time_to_first_token': duration(SERVER, 'time_to_first_token'),
  },
  {
    'vllm:request_queue_time_seconds': duration(SERVER, 'queue_time'),
    'vllm:time_to_first_token_seconds': duration(SERVER, 'time_to_first_token'),
    'vllm:e2e_request_latency_seconds': duration(SERVER, 'inference_latency'),
    'vllm:prompt_tokens': tokens(SERVER, 'input_tokens'),
    'vllm:prompt_tokens_cached': tokens(SERVER, 'cache_read_tokens'),
    'vllm:generation_tokens': tokens(SERVER, 'output_tokens'),
  },
  {
    'sglang:queue_time_seconds': duration(SERVER, 'queue_time'),
    'sglang:time_to_first_token_seconds': duration(SERVER, 'time_to_first_token'),
    'sglang:e2e_request_latency_seconds': duration(SERVER, 'inference_latency'),
    'sglang:prompt_tokens': tokens(SERVER, 'input_tokens'),
    'sglang:cached_tokens': tokens(SERVER, 'cache_read_tokens'),
    'sglang:generation_tokens': tokens(SERVER, 'output_tokens'),
  },
  {
    tgi_request_queue_duration: duration(SERVER, 'queue_time'),
    tgi_request_duration: duration(SERVER, 'inference_latency'),
    tgi_request_input_length: tokens(SERVER, 'input_tokens'),
    tgi_request_generated_tokens: tokens(SERVER, 'output_tokens'),
  },
];

export interface RankedMeaning {
  meaning: Meaning;
  /** Of two that say the same, the one of the lower rank counts. */
  rank: number;
}

const MEANINGS = new Map<string, RankedMeaning>(
  DIALECTS.flatMap((dialect, rank) =>
    Object.entries(dialect).flatMap(([name, meaning]) =>
      namesOf(name).map((written): [string, RankedMeaning] => [written, { meaning, rank }]),
    ),
  ),
);

/** What a metric of this name means; null when it is none of ours. */
export function meaningOf(metricName: string): RankedMeaning | null {
  return MEANINGS.get(metricName) ?? MEANINGS.get(withoutTotal(metricName)) ?? null;
}

function namesOf(name: string): string[] {
  return name.includes(':') ? [name, name.replace(':', '_')] : [name];
}

function withoutTotal(name: string): string {
  return name.endsWith('_total') ? name.slice(0, -'_total'.length) : name;
}
