import { z } from 'zod';
import type { Destination } from './delivery.js';
import type { ProviderBill, UnmonitoredUse } from './provider-bill.js';

const ANSWER_MS_MAX = 10_000;

const IMPORT = `mutation ($input: ImportProviderUsageInput!) {
  importProviderUsage(input: $input) { __typename ... on UserError { message } }
}`;

/** What GraphQL answers, and google.rpc.Status where the request does not come that far. */
const ANSWER = z.object({
  data: z.object({ importProviderUsage: z.object({ message: z.string().optional() }) }).nullish(),
  errors: z.array(z.object({ message: z.string() })).optional(),
  message: z.string().optional(),
});

export interface BillingOptions {
  /** With a credential that may import. */
  destination: Destination;
  /** The bills as they stand. */
  bills(): ProviderBill[];
  /** Called once for each day and key that was taken. */
  onUnmonitored(use: UnmonitoredUse): void;
  /** Called once, with the reason, when the server will not take them. */
  onRefused(reason: string): void;
}

/**
 * Imports the providers' bills as anybody would, again and again while they grow. A refusal is final; where no server
 * answers, the next import makes up for it.
 */
export class Billing {
  readonly #options: BillingOptions;
  readonly #known = new Set<string>();
  #isRefused = false;
  #last: Promise<void> = Promise.resolve();

  constructor(options: BillingOptions) {
    this.#options = options;
  }

  /** One import after the other: an older bill must not replace a newer one. */
  importBills(): Promise<void> {
    this.#last = this.#last.then(() => this.#importAll());
    return this.#last;
  }

  async #importAll(): Promise<void> {
    const { destination, bills, onRefused, onUnmonitored } = this.#options;
    for (const bill of bills()) {
      if (this.#isRefused) return;
      const answer = await importBill(destination, bill);
      if (answer === 'unreachable') return;
      if (answer !== 'taken') {
        this.#isRefused = true;
        onRefused(answer.refusal);
        return;
      }
      for (const use of bill.unmonitored) {
        const key = `${use.day} ${use.apiKey}`;
        if (!this.#known.has(key)) onUnmonitored(use);
        this.#known.add(key);
      }
    }
  }
}

async function importBill(
  { url, headers }: Destination,
  { provider, csv }: ProviderBill,
): Promise<'taken' | 'unreachable' | { refusal: string }> {
  try {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ query: IMPORT, variables: { input: { provider, csv } } }),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    const { data, errors, message } = ANSWER.parse(await response.json());
    if (response.status >= 500) return 'unreachable';
    const refusal = data?.importProviderUsage.message ?? errors?.[0]?.message ?? message;
    if (refusal !== undefined) return { refusal };
    return response.ok ? 'taken' : { refusal: `the server answered ${response.status}` };
  } catch {
    // Nobody listens, or what answers is no Midwatch: as with spans, the demo goes on.
    return 'unreachable';
  }
}
