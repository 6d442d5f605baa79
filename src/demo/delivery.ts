import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';

/** Where telemetry goes and in whose name. */
export interface Destination {
  /** Base URL of the server, without a path. */
  url: string;
  headers: { authorization: string; 'x-fleet-id': string };
}

/** What became of the spans that were reported. */
export interface Delivery {
  acceptedSpans: number;
  lostSpans: number;
  /** Why the last spans were lost. */
  lastError: string | null;
  createExporter(): SpanExporter;
}

/** `ExportResultCode.SUCCESS` of the SDK. */
const EXPORT_SUCCEEDED = 0;

/** OTLP/HTTP with protobuf and gzip, counting what the server takes. */
export function createDelivery({ url, headers }: Destination): Delivery {
  const delivery: Delivery = {
    acceptedSpans: 0,
    lostSpans: 0,
    lastError: null,
    createExporter: () => {
      const exporter = new OTLPTraceExporter({
        url: `${url}/v1/traces`,
        headers,
        compression: CompressionAlgorithm.GZIP,
      });
      return {
        export: (spans, done) =>
          exporter.export(spans, (result) => {
            if (result.code === EXPORT_SUCCEEDED) delivery.acceptedSpans += spans.length;
            else delivery.lostSpans += spans.length;
            if (result.error !== undefined) delivery.lastError = result.error.message;
            done(result);
          }),
        forceFlush: () => exporter.forceFlush(),
        shutdown: () => exporter.shutdown(),
      };
    },
  };
  return delivery;
}
