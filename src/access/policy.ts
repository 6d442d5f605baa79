/** Who may do what: CONTRACT section 4 as one table. Every endpoint and every GraphQL field names one of these operations. */

export const ROLES = ['INGEST', 'VIEWER', 'OPERATOR', 'AUDITOR', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];

export function isRole(name: string): name is Role {
  return (ROLES as readonly string[]).includes(name);
}

const POLICY = {
  /** Send telemetry and record decisions. */
  'telemetry.send': ['INGEST', 'ADMIN'],
  /** Read agents, decisions, traces and metrics, without content. */
  'decisions.read': ['VIEWER', 'OPERATOR', 'AUDITOR', 'ADMIN'],
  /** Read prompts, answers, tool arguments and results, and search in them. */
  'content.read': ['OPERATOR', 'AUDITOR', 'ADMIN'],
  /** Read the ledger's entries and have it verified. */
  'ledger.read': ['VIEWER', 'OPERATOR', 'AUDITOR', 'ADMIN'],
  /** Acknowledge, comment on and silence alerts, edit rules. */
  'alerts.manage': ['OPERATOR', 'ADMIN'],
  /** Have midwatch.yaml read anew. */
  'settings.reload': ['ADMIN'],
  /** Create and revoke API keys. */
  'keys.manage': ['ADMIN'],
  /** Import providers' own figures. */
  'providers.import': ['ADMIN'],
  /** Read what was asked to be erased and what is held, with the reasons. */
  'custody.read': ['AUDITOR', 'ADMIN'],
  /** Erase content, and place and release legal holds. */
  'custody.manage': ['ADMIN'],
  /** Ask for reports, and read and download them. */
  'reports.use': ['AUDITOR', 'ADMIN'],
  /** Create fleets. */
  'fleets.manage': ['ADMIN'],
} as const satisfies Record<string, readonly Role[]>;

export type Operation = keyof typeof POLICY;
export const OPERATIONS = Object.keys(POLICY) as Operation[];

export function rolesFor(operation: Operation): readonly Role[] {
  return POLICY[operation];
}
