/** How much of one OTLP request is kept. What lies beyond a limit is cut visibly or refused by name, never dropped in silence. */
export interface DecodeLimits {
  /** Spans in one request; more refuse the request. */
  spansMax: number;
  /** Log records in one request; more refuse the request. */
  logRecordsMax: number;
  /** Data points in one metrics request; more refuse the request. */
  dataPointsMax: number;
  /** Buckets of one histogram's data point; one with more is left out. */
  bucketsMax: number;
  /** Attributes of one span, log record, event, link, scope or resource; the first ones are kept. */
  attributesMax: number;
  /** Events of one span; the first ones are kept. */
  eventsMax: number;
  /** Links of one span; the first ones are kept. */
  linksMax: number;
  /** UTF-8 bytes of one text; longer ones are cut and end with a mark that says so. */
  textBytesMax: number;
  /** Levels of arrays and key-value lists in one attribute value; deeper ones refuse the request. */
  valueDepthMax: number;
  /** Levels of objects and arrays in a JSON body, where a level of a value takes three; deeper ones refuse the request. */
  jsonDepthMax: number;
  /** Attribute values in one request, nested ones included (in JSON: objects and arrays); more refuse the request. */
  valuesMax: number;
}

export const DEFAULT_DECODE_LIMITS: DecodeLimits = {
  spansMax: 10_000,
  dataPointsMax: 100_000,
  bucketsMax: 4_096,
  logRecordsMax: 50_000,
  attributesMax: 1_024,
  eventsMax: 1_024,
  linksMax: 1_024,
  textBytesMax: 1_048_576,
  valueDepthMax: 32,
  jsonDepthMax: 64,
  valuesMax: 4_000_000,
};

/** The two encodings of OTLP/HTTP. */
export type OtlpEncoding = 'protobuf' | 'json';
