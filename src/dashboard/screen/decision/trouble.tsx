import { SeverityMark } from '../../element/mark.js';
import { asTitle } from '../../figure/format.js';
import { AgentLine } from '../../text/agent-text.js';
import type { OneDecision } from './decision.js';

/** What is wrong with it, before anything else: the error, where it broke, and what detectors say. */
export function Trouble({ decision }: { decision: OneDecision }) {
  const { outcome, errorMessage, errorType, steps, anomalies } = decision;
  if (outcome === 'SUCCESS' && anomalies.length === 0) return null;
  const broken = steps.filter((step) => step.outcome === 'ERROR');
  return (
    <section class="trouble" aria-label="What is wrong">
      {outcome === 'ERROR' && (
        <p>
          <b>Failed</b> <AgentLine text={errorMessage ?? errorType ?? 'without saying why'} />
          {broken.length > 0 && (
            <span class="where">
              {' '}
              at{' '}
              {broken.map(({ index, toolName, name }) => (
                <a key={index} href={`#step-${index}`} onClick={(event) => goToStep(event, index)}>
                  step {index + 1}, <AgentLine text={toolName ?? name} />
                </a>
              ))}
            </span>
          )}
        </p>
      )}
      {anomalies.map(({ id, severity, kind, summary, evidence }) => (
        <div key={id} class="anomaly">
          <SeverityMark severity={severity} />
          <p>
            <b>{asTitle(kind)}</b> <AgentLine text={summary} />
          </p>
          <Clues evidence={evidence} />
        </div>
      ))}
    </section>
  );
}

export function goToStep(event: MouseEvent, index: number): void {
  event.preventDefault();
  showStep(String(index));
}

/** Brings a step of the story into view, and to the keys. */
export function showStep(index: string): void {
  const step = document.getElementById(`step-${index}`);
  step?.scrollIntoView({ block: 'center' });
  step?.querySelector<HTMLElement>('a, button, summary')?.focus({ preventScroll: true });
}

/** The sentences that say why a detector thinks so. */
function Clues({ evidence }: { evidence: unknown }) {
  const clues = (evidence as { clues?: unknown } | null)?.clues;
  if (!Array.isArray(clues) || clues.length === 0) return null;
  return (
    <details>
      <summary>Why: {clues.length} clues</summary>
      <ul>
        {clues.map((clue) => (
          <li key={String(clue)}>
            <AgentLine text={String(clue)} />
          </li>
        ))}
      </ul>
    </details>
  );
}
