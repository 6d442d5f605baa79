import { hash } from 'node:crypto';
import { compareText } from '../../order.js';
import type { Attributes, AttributeValue } from '../telemetry.js';
import type { MetricPoint } from './point.js';

/**
 * What makes a point one of a series: SHA-256 in hex over the metric's name, unit, kind and temporality, the attributes of
 * resource and point in whatever order they came, and the scope. The fleet is no part of it.
 */
export function seriesKey({ metric, attributes, data }: MetricPoint): string {
  const { name, unit, temporality, resource, scope } = metric;
  const identity = ['series', name, unit, data.kind, temporality, comparable(resource), scope.name, scope.version];
  return hash('sha256', JSON.stringify([...identity, comparable(scope.attributes), comparable(attributes)]));
}

/** Identifies a resource among the series of its fleet. */
export function resourceKey(resource: Attributes): string {
  return hash('sha256', JSON.stringify(['resource', comparable(resource)]));
}

/** Identifies what is known of a resource's dialects. */
export function dialectsKey(resource: Attributes): string {
  return hash('sha256', JSON.stringify(['dialects', comparable(resource)]));
}

/** The same for attributes that are the same, `except` for one of them; in whatever order they came. */
export function attributesKey(attributes: Attributes, except: string | null): string {
  const others = except === null ? attributes : new Map([...attributes].filter(([key]) => key !== except));
  return JSON.stringify(comparable(others));
}

/** Types are told apart: the text `1` is not the number 1. */
function comparable(value: AttributeValue): unknown {
  if (typeof value === 'bigint') return { integer: String(value) };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  if (Array.isArray(value)) return value.map(comparable);
  if (!(value instanceof Map)) return value;
  return {
    pairs: [...value].sort(([left], [right]) => compareText(left, right)).map(([key, each]) => [key, comparable(each)]),
  };
}
