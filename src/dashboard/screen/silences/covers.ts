export interface Matcher {
  label: string;
  pattern: string;
}

export interface Labelled {
  ruleName: string;
  severity: string;
  labels: readonly { name: string; value: string }[];
}

/** Whether a silence would cover an alert: each label has to match its pattern; one that an alert lacks is as empty. */
export function covers(matchers: readonly Matcher[], { ruleName, severity, labels }: Labelled, fleet: string): boolean {
  const known = new Map(labels.map(({ name, value }) => [name, value]));
  known.set('alertname', ruleName).set('severity', severity.toLowerCase()).set('fleet', fleet);
  return matchers.every(({ label, pattern }) => matchesPattern(pattern, known.get(label) ?? ''));
}

/** `*` stands for any characters; everything else for itself. */
function matchesPattern(pattern: string, value: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(value);
}
