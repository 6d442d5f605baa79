import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What Midwatch measures of itself, for its own operators: `GET /metrics`. No fleet, agent or content is a label. */
export class Meter {
  readonly registry = new Registry();

  readonly otlpRequests = new Counter({
    name: 'midwatch_otlp_requests_total',
    help: 'OTLP requests answered, by signal and HTTP status.',
    labelNames: ['signal', 'status'] as const,
    registers: [this.registry],
  });
  readonly otlpItems = new Counter({
    name: 'midwatch_otlp_items_total',
    help: 'Spans, data points and log records received, by signal and whether they were accepted or rejected.',
    labelNames: ['signal', 'result'] as const,
    registers: [this.registry],
  });
  readonly decisions = new Counter({
    name: 'midwatch_decisions_total',
    help: 'Decisions sealed, or left as they stood because they were sealed before.',
    labelNames: ['result'] as const,
    registers: [this.registry],
  });
  readonly recordSeconds = new Histogram({
    name: 'midwatch_record_duration_seconds',
    help: 'Duration of the transaction that seals a batch of decisions.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [this.registry],
  });
  readonly checkpoints = new Counter({
    name: 'midwatch_checkpoints_total',
    help: 'Checkpoints of ledgers that were signed, or signed anew.',
    registers: [this.registry],
  });
  readonly witnessRequests = new Counter({
    name: 'midwatch_witness_requests_total',
    help: 'Answers of witnesses that were asked to cosign: cosigned, ahead, inconsistent, refused, failed.',
    labelNames: ['witness', 'outcome'] as const,
    registers: [this.registry],
  });
  readonly timestampRequests = new Counter({
    name: 'midwatch_timestamp_requests_total',
    help: 'Answers of the time-stamping authority: stamped, refused, failed.',
    labelNames: ['outcome'] as const,
    registers: [this.registry],
  });
  readonly slowClients = new Counter({
    name: 'midwatch_live_slow_clients_total',
    help: 'Streams that were ended because their client did not read fast enough.',
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** A figure read when somebody asks. */
  watch(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }
}
