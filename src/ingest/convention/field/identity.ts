import type { Span } from '../../../decision/assembly/span.js';
import type { OtlpSpan } from '../../telemetry.js';
import { amountOf, labelOf, textOf } from './attribute.js';
import type { Fields } from './fields.js';
import { resourceFactsOf, riskClassOf } from './resource.js';

/** Whose span it is: service and place from the resource; agent, user, conversation and the application's own terms from the span. */
export function readIdentity(span: Span, { resource }: OtlpSpan, fields: Fields): void {
  const facts = resourceFactsOf(resource);
  span.service = facts.service;
  span.serviceVersion = facts.serviceVersion;
  span.region = facts.region;
  span.environment = facts.environment ?? textOf(fields.environment);
  span.agentName = textOf(fields.agentName);
  span.agentId = labelOf(fields.agentId);
  span.agentVersion = labelOf(fields.agentVersion);
  span.workflow = textOf(fields.workflow);
  span.conversationId = labelOf(fields.conversationId);
  span.userId = labelOf(fields.userId);
  span.customerSegment = textOf(fields.customerSegment) ?? facts.customerSegment;
  span.requestType = textOf(fields.requestType) ?? facts.requestType;
  span.riskClass = riskClassOf(textOf(fields.riskClass)) ?? facts.riskClass;
  span.queueMs = notNegative(amountOf(fields.queueMs));
}

function notNegative(amount: number | null): number | null {
  return amount !== null && amount >= 0 ? amount : null;
}
