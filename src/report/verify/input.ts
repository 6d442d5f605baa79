import { z } from 'zod';
import { RISK_CLASSES } from '../../decision/decision.js';
import { PRESETS, type ReportInput } from '../request.js';

const ms = z.number().int().min(-8.64e15).max(8.64e15);
const text = z.string().max(10_000);
const texts = z.array(text).max(10_000);
const count = z.number().int().min(0);

const perClass = <Value extends z.ZodType>(value: Value) =>
  z.strictObject({ HIGH_RISK: value, ROUTINE: value, ADMIN: value });

const request = z.strictObject({
  preset: z.enum(PRESETS),
  fleets: texts,
  fromMs: ms,
  toMs: ms,
  agents: texts.nullable(),
  riskClasses: z.array(z.enum(RISK_CLASSES)).nullable(),
  decisionId: text.nullable(),
  conversationId: text.nullable(),
  subject: text.nullable(),
  timeZone: text,
});

const ledger = z.strictObject({
  fleet: text,
  bundle: z.string().regex(/^bundle(-[A-Za-z0-9._-]{1,200})?\.jsonl$/),
  bundleSha256: z.string().regex(/^[0-9a-f]{64}$/),
  decisionIds: texts.nullable(),
  dossierIds: texts,
  stored: z.strictObject({
    humanReviews: count,
    guardrails: count,
    failedGuardrails: count,
    anomalies: z.record(z.string(), count),
  }),
});

const input = z.strictObject({
  format: z.literal('midwatch-report/1'),
  generator: text,
  id: text,
  request,
  ledgers: z.array(ledger).min(1).max(100),
  settings: z.strictObject({ retentionMs: perClass(ms.nullable()), sampling: perClass(text), alertRules: count }),
});

/** What a report says it was made from; null when it is nothing a report can be made from. */
export function parseInput(json: string): ReportInput | null {
  try {
    const parsed = input.safeParse(JSON.parse(json));
    if (!parsed.success || !isTimeZone(parsed.data.request.timeZone)) return null;
    return parsed.data;
  } catch {
    // What is no JSON says nothing.
    return null;
  }
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    // RangeError is how Intl says that there is no such zone.
    return false;
  }
}
