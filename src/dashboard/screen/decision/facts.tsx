import type { ComponentChildren } from 'preact';
import { Panel } from '../../element/panel.js';
import { formatCount, formatDuration, formatShare, formatUsd, inWords } from '../../figure/format.js';
import { Link } from '../../route/link.js';
import { AgentLine } from '../../text/agent-text.js';
import type { OneDecision } from './decision.js';

/** What is known of it, besides what it did. */
export function Facts({ decision }: { decision: OneDecision }) {
  const { tokens } = decision;
  return (
    <Panel title="Facts">
      <dl class="facts">
        <Fact name="Cost">{formatUsd(decision.costUsd)}</Fact>
        <Fact name="Tokens">
          {formatCount(tokens.total)}
          <TokenParts tokens={tokens} />
        </Fact>
        <Fact name="Latency">{formatDuration(decision.latencyMs)}</Fact>
        <Fact name="First token">{formatDuration(decision.timeToFirstTokenMs)}</Fact>
        <Fact name="Queued">{formatDuration(decision.queueMs)}</Fact>
        <Fact name="Tool calls">
          {decision.toolCalls}
          {decision.failedToolCalls > 0 && <span class="failed-text">, {decision.failedToolCalls} failed</span>}
        </Fact>
        <Fact name="Hallucination">
          {decision.hallucinationScore === null ? 'nothing to judge it by' : formatShare(decision.hallucinationScore)}
        </Fact>
        <Text name="Model" text={decision.model} />
        <Text name="Provider" text={decision.provider} />
        <Fact name="Risk class">{inWords(decision.riskClass)}</Fact>
        <Text name="Segment" text={decision.customerSegment} />
        <Text name="Region" text={decision.region} />
        <Text name="Environment" text={decision.environment} />
        {decision.conversationId !== null && (
          <Fact name="Conversation">
            <Link to="/decisions" own={{ conversation: decision.conversationId }}>
              <AgentLine text={decision.conversationId} />
            </Link>
          </Fact>
        )}
        {!decision.complete && <Fact name="Complete">no: a part of it did not come in time</Fact>}
      </dl>
    </Panel>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Text({ name, text }: { name: string; text: string | null }) {
  return (
    <Fact name={name}>{text === null ? <span class="quiet-text">not told</span> : <AgentLine text={text} />}</Fact>
  );
}

const PARTS = [
  { name: 'fresh input', color: '--series-1' },
  { name: 'cached input', color: '--series-6' },
  { name: 'output', color: '--series-2' },
  { name: 'reasoning', color: '--series-4' },
] as const;

/** What the tokens went into. Cached input is part of the input, reasoning of the output. */
function TokenParts({ tokens }: { tokens: OneDecision['tokens'] }) {
  const counts = [
    tokens.input - tokens.cacheRead,
    tokens.cacheRead,
    tokens.output - tokens.reasoning,
    tokens.reasoning,
  ];
  if (tokens.total === 0) return null;
  return (
    <>
      <span class="stack" aria-hidden="true">
        {PARTS.map(({ name, color }, index) => (
          <span
            key={name}
            style={{ width: `${((counts[index] ?? 0) / tokens.total) * 100}%`, background: `var(${color})` }}
          />
        ))}
      </span>
      <span class="stack-words">
        {PARTS.map(({ name, color }, index) =>
          counts[index] ? (
            <span key={name}>
              <i style={{ background: `var(${color})` }} />
              {formatCount(counts[index])} {name}
            </span>
          ) : null,
        )}
      </span>
    </>
  );
}
