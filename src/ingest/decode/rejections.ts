import type { Rejection } from '../telemetry.js';
import { cleanText } from './text.js';

const REASONS_MAX = 8;
const NAME_CHARACTERS_MAX = 64;

/** Gathers what was refused or cut while one request is decoded. */
export class Rejections {
  #count = 0;
  readonly #reasons = new Set<string>();

  /** Items left out so far. */
  get count(): number {
    return this.#count;
  }

  /** An item was left out. */
  refuse(reason: string): void {
    this.#count += 1;
    this.warn(reason);
  }

  /** An item was kept, but not as it was sent. */
  warn(reason: string): void {
    if (this.#reasons.size < REASONS_MAX) this.#reasons.add(reason);
  }

  result(): Rejection {
    return { count: this.#count, reasons: [...this.#reasons] };
  }
}

/** Names a span in a reason: by its index within its scope, since its own ids may be what is wrong. */
export function spanLabel(index: number, scopeName: string): string {
  return `span ${index} of ${scopeLabel(scopeName)}`;
}

/** Names a log record in a reason, by its index within its scope. */
export function logRecordLabel(index: number, scopeName: string): string {
  return `log record ${index} of ${scopeLabel(scopeName)}`;
}

/** Names a data point in a reason, by its index within its metric. */
export function dataPointLabel(index: number, metricName: string): string {
  const metric =
    metricName === '' ? 'an unnamed metric' : `metric ${cleanText(metricName.slice(0, NAME_CHARACTERS_MAX))}`;
  return `data point ${index} of ${metric}`;
}

function scopeLabel(name: string): string {
  return name === '' ? 'an unnamed scope' : `scope ${cleanText(name.slice(0, NAME_CHARACTERS_MAX))}`;
}
