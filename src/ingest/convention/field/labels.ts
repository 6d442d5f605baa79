import type { Span } from '../../../decision/assembly/span.js';
import type { AttributeValue, OtlpSpan } from '../../telemetry.js';
import { labelOf } from './attribute.js';

/** Longer values are no labels. */
const VALUE_MAX = 300;

/** The values that the span, or else its resource, has under these keys; null when it has none. */
export function readLabels({ attributes, resource }: OtlpSpan, keys: readonly string[]): Span['labels'] {
  const labels: [string, string][] = [];
  for (const key of keys) {
    const value = textOf(attributes.get(key)) ?? textOf(resource.get(key));
    if (value !== null) labels.push([key, value.slice(0, VALUE_MAX)]);
  }
  return labels.length === 0 ? null : Object.fromEntries(labels);
}

function textOf(value: AttributeValue | undefined): string | null {
  return typeof value === 'boolean' ? String(value) : labelOf(value);
}
