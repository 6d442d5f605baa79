import { type Labels, NO_LABELS } from '../../../metric/slice.js';
import { boundName } from '../../bounds.js';
import type { MetricPoint } from '../../metric/point.js';
import type { Attributes } from '../../telemetry.js';
import { labelOf, textOf } from '../field/attribute.js';
import { providerOf } from '../field/provider.js';
import { resourceFactsOf, riskClassOf } from '../field/resource.js';
import { operationKind } from '../genai.js';
import { type Meaning, meaningOf, type RankedMeaning } from './meaning.js';

/** A data point whose meaning is known. */
export interface MetricReading extends RankedMeaning {
  point: MetricPoint;
  labels: Labels;
}

/** The points that say something in our figures; several of them the same perhaps, in dialects of different ranks. */
export function readMetrics(points: readonly MetricPoint[]): MetricReading[] {
  return points.flatMap((point) => {
    const ranked = isAdditive(point) ? meaningOf(point.metric.name) : null;
    if (ranked === null || !isOf(ranked.meaning, point.attributes)) return [];
    return [{ point, ...ranked, labels: labelsOf(point, ranked.meaning) }];
  });
}

/** A gauge is a state and a summary's quantiles do not add up; a sum that may fall counts nothing that was used. */
function isAdditive({ data, metric }: MetricPoint): boolean {
  if (data.kind === 'gauge' || data.kind === 'summary') return false;
  return data.kind !== 'sum' || metric.isMonotonic;
}

/** GenAI's metrics of calls cover every operation; one that is no call of a model contains such calls, or is none. */
function isOf({ subject }: Meaning, attributes: Attributes): boolean {
  if (subject === 'latency') return true;
  const operation = textOf(attributes.get('gen_ai.operation.name'));
  const kind = operation === null ? null : operationKind(operation);
  return kind === null || kind === 'model' || kind === 'embedding';
}

function labelsOf({ metric, attributes }: MetricPoint, meaning: Meaning): Labels {
  const facts = resourceFactsOf(metric.resource);
  const first = (...keys: string[]): string | null => {
    for (const key of keys) {
      const text = labelOf(attributes.get(key));
      if (text !== null) return boundName(text);
    }
    return null;
  };
  const model = first('gen_ai.response.model', 'gen_ai.request.model', 'model_name', 'model');
  const sent = first('gen_ai.provider.name', 'gen_ai.system');
  const bounded = (text: string | null) => boundName(text ?? '');
  return {
    ...NO_LABELS,
    AGENT: first('gen_ai.agent.name', 'agent.name') ?? boundName(facts.service),
    MODEL: model ?? '',
    PROVIDER: providerOf({ sent, model, service: facts.service }) ?? '',
    CUSTOMER_SEGMENT: first('midwatch.customer_segment') ?? bounded(facts.customerSegment),
    REGION: bounded(facts.region),
    ENVIRONMENT: bounded(facts.environment),
    REQUEST_TYPE: first('midwatch.request_type') ?? bounded(facts.requestType),
    AGENT_VERSION: first('gen_ai.agent.version') ?? bounded(facts.serviceVersion),
    RISK_CLASS: riskClassOf(first('midwatch.risk_class')) ?? facts.riskClass ?? '',
    OUTCOME: outcomeOf(attributes, meaning),
  };
}

function outcomeOf(attributes: Attributes, meaning: Meaning): string {
  if (!('tellsOutcome' in meaning) || !meaning.tellsOutcome) return '';
  return labelOf(attributes.get('error.type')) === null ? 'SUCCESS' : 'ERROR';
}
