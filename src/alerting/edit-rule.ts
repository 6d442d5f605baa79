import { type RuleFields, readRule } from '../alert/read-rule.js';
import type { AlertRule } from '../alert/rule.js';
import { inTransaction, type Pool } from '../db/pool.js';
import { AppError } from '../errors.js';
import { appendDrafts, lockFleet } from '../ledger/append.js';
import { type CanonicalValue, canonicalize } from '../ledger/canonical.js';
import { type KnownRule, type RuleBook, removeOwnRule, writeOwnRule } from './rule-book.js';

export interface RuleEdit {
  pool: Pool;
  rules: RuleBook;
  fleet: string;
  name: string;
  actor: string;
  nowMs: number;
}

/** Each is looked at every few seconds. */
const RULES_MAX = 200;

/**
 * Makes a rule or changes it, and seals that in the ledger. Throws VALIDATION_FAILED, naming the field, for what cannot be
 * read, and CONFLICT for a rule of the file.
 */
export async function saveRule(edit: RuleEdit, fields: RuleFields): Promise<KnownRule> {
  const { pool, rules, fleet, name, actor, nowMs } = edit;
  const rule = parseRule({ ...fields, name });
  refuseOfFile(edit);
  const known = await rules.rulesOf(fleet);
  if (known.length >= RULES_MAX && known.every((each) => each.rule.name !== name)) {
    throw new AppError('CONFLICT', `a fleet has at most ${RULES_MAX} alert rules: remove one first`);
  }
  const updatedAt = new Date(nowMs);
  await inTransaction(pool, async (client) => {
    await lockFleet(client, fleet);
    await writeOwnRule(client, fleet, { name, fields, updatedAt, updatedBy: actor });
    const payload = canonicalize({ actor, change: 'SAVED', fields: { ...fields } as CanonicalValue });
    await appendDrafts(client, fleet, { drafts: [{ kind: 'RULE', subject: name, payload }], nowMs });
  });
  return { rule, updatedAt, updatedBy: actor };
}

/** Removes a rule; its alerts end at the next evaluation. Throws NOT_FOUND, and CONFLICT for a rule of the file. */
export async function removeRule(edit: RuleEdit): Promise<void> {
  const { pool, fleet, name, actor, nowMs } = edit;
  refuseOfFile(edit);
  await inTransaction(pool, async (client) => {
    await lockFleet(client, fleet);
    if (!(await removeOwnRule(client, fleet, name))) throw new AppError('NOT_FOUND', 'there is no such alert rule');
    const payload = canonicalize({ actor, change: 'REMOVED' });
    await appendDrafts(client, fleet, { drafts: [{ kind: 'RULE', subject: name, payload }], nowMs });
  });
}

/** Throws VALIDATION_FAILED, naming the field, for what cannot be read. */
export function parseRule(fields: RuleFields): AlertRule {
  const { rule, problems } = readRule(fields);
  if (rule !== null) return rule;
  const [{ key, message, column } = { key: '', message: 'the rule cannot be read', column: 1 }] = problems;
  const place = column > 1 ? ` (at character ${column})` : '';
  throw new AppError('VALIDATION_FAILED', `${key === '' ? '' : `${key}: `}${message}${place}`, { path: [key] });
}

function refuseOfFile({ rules, name }: RuleEdit): void {
  if (rules.isOfFile(name)) {
    throw new AppError('CONFLICT', 'a rule of this name is in midwatch.yaml: change it there, or choose another name');
  }
}
