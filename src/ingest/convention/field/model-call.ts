import type { Span } from '../../../decision/assembly/span.js';
import type { OtlpSpan } from '../../telemetry.js';
import { eventFinishReasonsOf } from '../message/event-messages.js';
import { amountOf, labelOf, textOf } from './attribute.js';
import type { Fields } from './fields.js';
import { finishReasonsOf } from './finish-reason.js';
import { timeToFirstTokenMsOf } from './first-token.js';
import { providerOf } from './provider.js';
import { normaliseUsage, sentCounts, type UsageRule } from './usage.js';

type UsageRuleOf = (wire: OtlpSpan, span: Span) => UsageRule;

/** What the span says of models: which one, tokens, cost, time to the first token and why it stopped. Needs `service` to be read. */
export function readModelCall(span: Span, wire: OtlpSpan, fields: Fields, usageRuleOf: UsageRuleOf | undefined): void {
  span.requestModel = textOf(fields.requestModel);
  span.responseModel = textOf(fields.responseModel);
  span.responseId = labelOf(fields.responseId);
  span.provider = providerOf({
    sent: textOf(fields.provider),
    model: span.responseModel ?? span.requestModel,
    service: span.service,
  });
  span.usage = normaliseUsage(sentCounts(fields), usageRuleOf?.(wire, span) ?? {});
  span.reportedCostUsd = positive(amountOf(fields.reportedCostUsd));
  span.timeToFirstTokenMs = timeToFirstTokenMsOf(fields, wire.startMs);
  const reasons = finishReasonsOf(fields.finishReasons);
  span.finishReasons = reasons.length > 0 ? reasons : finishReasonsOf(eventFinishReasonsOf(wire.events));
}

/** Clients send a cost of 0 for a model they have no price of. */
function positive(costUsd: number | null): number | null {
  return costUsd !== null && costUsd > 0 ? costUsd : null;
}
