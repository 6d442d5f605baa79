import './mark.css';

export type Tone = 'ok' | 'warning' | 'critical' | 'silent' | 'info';

/** Each tone has a shape of its own, so that none is told by colour alone. */
const SHAPES: Readonly<Record<Tone, string>> = {
  ok: 'M6 1.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 1 0 0-9',
  warning: 'M6 1 11.300 10.500H.7z',
  critical: 'M6 .4 11.600 6 6 11.600.4 6z',
  silent: 'M6 1.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 1 0 0-9M6 4a2 2 0 1 1 0 4 2 2 0 1 1 0-4',
  info: 'M1.500 1.500h9v9h-9z',
};

export function Mark({ tone, word, isQuiet = false }: { tone: Tone; word: string; isQuiet?: boolean }) {
  return (
    <span class={`mark ${tone}${isQuiet ? ' quiet' : ''}`}>
      <svg viewBox="0 0 12 12" width="10" height="10" aria-hidden="true">
        <path fill-rule="evenodd" d={SHAPES[tone]} />
      </svg>
      {word}
    </span>
  );
}

const STATUS = {
  HEALTHY: { tone: 'ok', word: 'Healthy' },
  DEGRADED: { tone: 'warning', word: 'Degraded' },
  FAILING: { tone: 'critical', word: 'Failing' },
  SILENT: { tone: 'silent', word: 'Silent' },
} as const;

export type AgentStatus = keyof typeof STATUS;

/** How an agent is. What is well stays quiet, so that the rest is seen. */
export function StatusMark({ status }: { status: AgentStatus }) {
  const { tone, word } = STATUS[status];
  return <Mark tone={tone} word={word} isQuiet={status === 'HEALTHY'} />;
}

const SEVERITY = {
  CRITICAL: { tone: 'critical', word: 'Critical' },
  WARNING: { tone: 'warning', word: 'Warning' },
  INFO: { tone: 'info', word: 'Info' },
} as const;

export type Severity = keyof typeof SEVERITY;

export function SeverityMark({ severity }: { severity: Severity }) {
  return <Mark {...SEVERITY[severity]} />;
}

export function OutcomeMark({ outcome, detail }: { outcome: 'SUCCESS' | 'ERROR'; detail?: string | null }) {
  if (outcome === 'SUCCESS') return <Mark tone="ok" word="Succeeded" isQuiet />;
  return <Mark tone="critical" word={detail ?? 'Failed'} />;
}
