import type { Span } from '../../../decision/assembly/span.js';
import type { Attributes } from '../../telemetry.js';
import { labelOf, textOf } from './attribute.js';

/** What a resource says of every span it made. */
export interface ResourceFacts {
  service: string;
  serviceVersion: string | null;
  region: string | null;
  environment: string | null;
  riskClass: Span['riskClass'];
  requestType: string | null;
  customerSegment: string | null;
}

/** How `service.name` begins as SDKs default it when the application names none. */
export const UNKNOWN_SERVICE = 'unknown_service';

const RISK_CLASSES = new Map<string, Span['riskClass']>([
  ['HIGH_RISK', 'HIGH_RISK'],
  ['ROUTINE', 'ROUTINE'],
  ['ADMIN', 'ADMIN'],
]);

const factsOfResource = new WeakMap<Attributes, ResourceFacts>();

/** Read once for each resource: its spans share the attributes, which do not change after decoding. */
export function resourceFactsOf(resource: Attributes): ResourceFacts {
  const known = factsOfResource.get(resource);
  if (known !== undefined) return known;
  const facts = readFacts(resource);
  factsOfResource.set(resource, facts);
  return facts;
}

/** One of the three risk classes, in any case and with a hyphen or a space; null for any other word. */
export function riskClassOf(sent: string | null): Span['riskClass'] {
  if (sent === null) return null;
  return RISK_CLASSES.get(sent.trim().toUpperCase().replaceAll('-', '_').replaceAll(' ', '_')) ?? null;
}

function readFacts(resource: Attributes): ResourceFacts {
  const first = (...keys: string[]): string | null => {
    const key = keys.find((candidate) => textOf(resource.get(candidate)) !== null);
    return key === undefined ? null : textOf(resource.get(key));
  };
  return {
    service: first('service.name') ?? UNKNOWN_SERVICE,
    serviceVersion: labelOf(resource.get('service.version')),
    region: first('cloud.region', 'cloud.availability_zone', 'aws.region'),
    environment: first('deployment.environment.name', 'deployment.environment', 'env'),
    riskClass: riskClassOf(first('midwatch.risk_class')),
    requestType: first('midwatch.request_type'),
    customerSegment: first('midwatch.customer_segment'),
  };
}
