import { Icon, type IconName } from '../../element/icon.js';
import { Mark } from '../../element/mark.js';
import { Empty, Panel } from '../../element/panel.js';
import { counted, formatCount, formatDuration, formatUsd } from '../../figure/format.js';
import { AgentLine } from '../../text/agent-text.js';
import { ContentView } from '../../text/content-view.js';
import type { TakenFragment } from './decision.graphql.js';
import type { OneDecision } from './decision.js';
import './story.css';

const KINDS: Readonly<Record<TakenFragment['kind'], { word: string; icon: IconName }>> = {
  MODEL_CALL: { word: 'Model', icon: 'overview' },
  TOOL_CALL: { word: 'Tool', icon: 'settings' },
  RETRIEVAL: { word: 'Retrieval', icon: 'search' },
  REASONING: { word: 'Reasoning', icon: 'more' },
  HANDOFF: { word: 'Hand-off', icon: 'right' },
  GUARDRAIL: { word: 'Guardrail', icon: 'check' },
  HUMAN_REVIEW: { word: 'Human review', icon: 'person' },
  OUTPUT: { word: 'Output', icon: 'report' },
  OTHER: { word: 'Step', icon: 'more' },
};

/** What happened, to be read from top to bottom: the request, each step, the answer. */
export function Story({ decision, mayReadContent }: { decision: OneDecision; mayReadContent: boolean }) {
  const { input, output, steps, sampled } = decision;
  return (
    <Panel title="What happened" aside={`${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`}>
      {!mayReadContent && <p class="note">Prompts, answers, arguments and results are not shown to your role.</p>}
      {mayReadContent && !sampled && (
        <p class="note">
          Sampling did not keep its content. What it did is counted, and the ledger holds the digest of its whole chain.
        </p>
      )}
      <ol class="story">
        {input != null && <Said title="Asked" text={input} />}
        {steps.map((step) => (
          <StepView key={step.index} step={step} decision={decision} />
        ))}
        {output != null && <Said title="Answered" text={output} />}
      </ol>
      {steps.length === 0 && sampled && <Empty title="No steps were told." />}
    </Panel>
  );
}

function Said({ title, text }: { title: string; text: string }) {
  return (
    <li class="said">
      <h3>{title}</h3>
      <div class="prose">
        <ContentView text={text} />
      </div>
    </li>
  );
}

function StepView({ step, decision }: { step: TakenFragment; decision: OneDecision }) {
  const { word, icon } = KINDS[step.kind];
  const isFailed = step.outcome === 'ERROR';
  return (
    <li id={`step-${step.index}`} class={isFailed ? 'step failed' : 'step'} data-row>
      <details open={isFailed || step.kind !== 'MODEL_CALL'}>
        <summary>
          <span class="place">{step.index + 1}</span>
          <Icon name={icon} />
          <span class="step-name">
            <span class="quiet-text">{word}</span> <AgentLine class="tool-name" text={step.toolName ?? step.name} />
          </span>
          {isFailed && <Mark tone="critical" word="Failed" />}
          <span class="step-figures">
            {step.tokens !== null && <span>{counted(step.tokens.total, 'token')}</span>}
            {step.costUsd !== null && <span>{formatUsd(step.costUsd)}</span>}
            <span>{formatDuration(step.durationMs)}</span>
          </span>
          <Share step={step} decision={decision} />
        </summary>
        <StepContent step={step} />
      </details>
    </li>
  );
}

/** When in the decision it ran. */
function Share({ step, decision }: { step: TakenFragment; decision: OneDecision }) {
  const offset = Date.parse(step.startedAt) - Date.parse(decision.startedAt);
  const whole = Math.max(1, decision.latencyMs);
  const left = Math.min(99, Math.max(0, (offset / whole) * 100));
  const width = Math.min(100 - left, Math.max(1, (step.durationMs / whole) * 100));
  return (
    <span class="share" aria-hidden="true">
      <span style={{ marginInlineStart: `${left}%`, width: `${width}%` }} />
    </span>
  );
}

/** Of a model call the answer is the news; what it was given has mostly been told by the steps before. */
function StepContent({ step }: { step: TakenFragment }) {
  const { errorMessage, input, output, result } = step;
  const given = step.arguments ?? input;
  const got = result ?? output;
  const isModel = step.kind === 'MODEL_CALL';
  return (
    <div class="step-content">
      {errorMessage != null && (
        <p class="failed-text">
          <AgentLine text={errorMessage} />
        </p>
      )}
      {given != null && !isModel && (
        <div class="given">
          <h4>Given</h4>
          <ContentView text={given} />
        </div>
      )}
      {got != null && (
        <div class="got">
          <h4>{isModel ? 'Said' : 'Got back'}</h4>
          <ContentView text={got} />
        </div>
      )}
      {given != null && isModel && (
        <details class="prompt">
          <summary>Its prompt, {formatCount(given.length)} characters</summary>
          <ContentView text={given} />
        </details>
      )}
      <p class="digest">
        commitment <code>{step.digest}</code>
      </p>
    </div>
  );
}
