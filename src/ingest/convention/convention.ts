import type { Span, SpanKind } from '../../decision/assembly/span.js';
import type { OtlpSpan } from '../telemetry.js';
import type { Aliases, Fields } from './field/fields.js';
import type { UsageRule } from './field/usage.js';

/**
 * One way of writing agent telemetry. What a list can say is a list; the functions are for the rest.
 * Fields are looked up under the convention's own names first, then under OpenTelemetry's GenAI names, then under plain ones.
 */
export interface Convention {
  name: string;
  /** What the span is, null when it is not written in this convention. Called for every span: a few look-ups, no parsing. */
  kindOf(wire: OtlpSpan): SpanKind | null;
  aliases: Aliases;
  /** The names of a convention onto whose spans this one is written: looked up after its own. */
  aliasesBeneath?: Aliases;
  /** Prefixes under which the convention puts the application's own keys (user, session, segment, …). */
  metadataPrefixes?: readonly string[];
  /** How the convention counts tokens; without it, by the GenAI rule (input includes cache, output includes reasoning). */
  usageRule?(wire: OtlpSpan, span: Span): UsageRule;
  /** Corrects the span read from the aliases. */
  complete?(span: Span, wire: OtlpSpan, fields: Fields): void;
}
