/**
 * The nested messages of OTLP that a walk has to follow to know that a body is well-formed: protobuf field number, JSON
 * name and what the field holds. Everything else is a scalar.
 */
export interface MessageShape {
  /** The items that are counted. */
  isItem?: true;
  /** One level of an attribute value. */
  isValue?: true;
  fields: MessageField[];
}

export interface MessageField {
  number: number;
  jsonName: string;
  isRepeated: boolean;
  shape: MessageShape;
}

const ANY_VALUE: MessageShape = { isValue: true, fields: [] };
const KEY_VALUE: MessageShape = { fields: [one(2, 'value', ANY_VALUE)] };
ANY_VALUE.fields.push(
  one(5, 'arrayValue', { fields: [many(1, 'values', ANY_VALUE)] }),
  one(6, 'kvlistValue', { fields: [many(1, 'values', KEY_VALUE)] }),
);

const RESOURCE: MessageShape = { fields: [many(1, 'attributes', KEY_VALUE)] };
const SCOPE: MessageShape = { fields: [many(3, 'attributes', KEY_VALUE)] };

/** `ExportLogsServiceRequest`. Source: collector/logs/v1/logs_service.proto, logs/v1/logs.proto. */
export const LOGS_REQUEST = request('Logs', {
  number: 2,
  jsonName: 'logRecords',
  isRepeated: true,
  shape: { isItem: true, fields: [one(5, 'body', ANY_VALUE), many(6, 'attributes', KEY_VALUE)] },
});

const EXEMPLAR: MessageShape = { fields: [many(7, 'filteredAttributes', KEY_VALUE)] };
const NUMBER_POINT = point([many(7, 'attributes', KEY_VALUE), many(5, 'exemplars', EXEMPLAR)]);
const HISTOGRAM_POINT = point([many(9, 'attributes', KEY_VALUE), many(8, 'exemplars', EXEMPLAR)]);
const BUCKETS: MessageShape = { fields: [] };
const EXPONENTIAL_HISTOGRAM_POINT = point([
  many(1, 'attributes', KEY_VALUE),
  one(8, 'positive', BUCKETS),
  one(9, 'negative', BUCKETS),
  many(11, 'exemplars', EXEMPLAR),
]);
const SUMMARY_POINT = point([many(7, 'attributes', KEY_VALUE), many(6, 'quantileValues', { fields: [] })]);

/** `ExportMetricsServiceRequest`. Source: collector/metrics/v1/metrics_service.proto, metrics/v1/metrics.proto. */
export const METRICS_REQUEST = request('Metrics', {
  number: 2,
  jsonName: 'metrics',
  isRepeated: true,
  shape: {
    fields: [
      one(5, 'gauge', { fields: [many(1, 'dataPoints', NUMBER_POINT)] }),
      one(7, 'sum', { fields: [many(1, 'dataPoints', NUMBER_POINT)] }),
      one(9, 'histogram', { fields: [many(1, 'dataPoints', HISTOGRAM_POINT)] }),
      one(10, 'exponentialHistogram', { fields: [many(1, 'dataPoints', EXPONENTIAL_HISTOGRAM_POINT)] }),
      one(11, 'summary', { fields: [many(1, 'dataPoints', SUMMARY_POINT)] }),
      many(12, 'metadata', KEY_VALUE),
    ],
  },
});

function request(signal: 'Logs' | 'Metrics', items: MessageField): MessageShape {
  const scopeItems: MessageShape = { fields: [one(1, 'scope', SCOPE), items] };
  const resourceItems: MessageShape = { fields: [one(1, 'resource', RESOURCE), many(2, `scope${signal}`, scopeItems)] };
  return { fields: [many(1, `resource${signal}`, resourceItems)] };
}

function point(fields: MessageField[]): MessageShape {
  return { isItem: true, fields };
}

function one(number: number, jsonName: string, shape: MessageShape): MessageField {
  return { number, jsonName, isRepeated: false, shape };
}

function many(number: number, jsonName: string, shape: MessageShape): MessageField {
  return { number, jsonName, isRepeated: true, shape };
}
