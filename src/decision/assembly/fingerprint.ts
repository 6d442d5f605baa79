/** What an agent was set up with, as one value: it changes when somebody changes the prompt or a tool and says so nowhere. */
import { hash } from 'node:crypto';
import type { ChainLink } from './chain.js';
import type { Invocation } from './ownership.js';
import type { Span } from './span.js';
import { firstValue, type SpanNode } from './tree.js';

const DIGITS = 16;

/**
 * The decision's system prompt and tools as 16 hex digits; null when its spans show neither. Its first model call that shows
 * them counts, then its agent's own span. A decision that failed before it called a model says nothing: half of a set-up
 * would look like another.
 */
export function fingerprintOf(invocation: Invocation, chain: readonly ChainLink[]): string | null {
  const calls = chain.flatMap(({ call }) => call?.outermostFirst ?? []);
  if (calls.length === 0 && invocation.root.span.failure !== null) return null;
  const places: readonly SpanNode[] = [...calls, ...invocation.agentSpans];
  const shown = (read: (span: Span) => string | null) => firstValue(places, read);
  const prompt = shown((span) => span.promptDigest);
  const tools = shown((span) => span.toolsDigest);
  if (prompt === null && tools === null) return null;
  return hash('sha256', `${prompt ?? ''}\n${tools ?? ''}`).slice(0, DIGITS);
}
