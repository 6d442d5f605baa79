import { fleetExists } from '../../access/store.js';
import { mayEnter, type Viewer } from '../../access/viewer.js';
import type { Pool } from '../../db/pool.js';
import { isStorableText } from '../../decision/filter.js';
import { AppError } from '../../errors.js';
import { askForReport } from '../../report/job/ask.js';
import type { ReportRow } from '../../report/job/report.js';
import { builder } from '../builder.js';
import { RiskClassEnum } from '../enums.js';
import { payloadUnion } from '../failure.js';
import { ReportRef } from '../refs.js';
import { ReportPresetEnum } from './report.js';

const RequestReportInput = builder.inputType('RequestReportInput', {
  description:
    'What a report is to be about. A period, unless it is about one decision, conversation or subject: then their days are its period.',
  fields: (t) => ({
    preset: t.field({ type: ReportPresetEnum, description: 'For whom it is; AUTHORITY when left out.' }),
    from: t.field({ type: 'DateTime', description: 'Decisions that started at this time or after.' }),
    to: t.field({ type: 'DateTime', description: 'Decisions that started before this.' }),
    fleets: t.stringList({ description: 'The fleets; that of the request when left out. All must be open to you.' }),
    agents: t.stringList({ description: 'Only decisions of these agents.' }),
    riskClasses: t.field({ type: [RiskClassEnum], description: 'Only decisions of these classes.' }),
    decisionId: t.id({ description: 'Only this decision.' }),
    conversationId: t.string({ description: 'Only the decisions of this conversation.' }),
    subject: t.string({
      description: 'Only the decisions about this user of an agent, by the id that telemetry gave.',
    }),
    timeZone: t.string({ description: 'Whose days and hours it tells, such as Europe/Berlin; UTC when left out.' }),
  }),
});

const RequestReportSuccess = builder.objectRef<{ report: ReportRow }>('RequestReportSuccess').implement({
  description:
    'The report waits to be made, or was made before: the same request over the same ledger is the same report.',
  fields: (t) => ({ report: t.expose('report', { type: ReportRef, description: 'As it is now.' }) }),
});

const RequestReportPayload = payloadUnion('RequestReportPayload', {
  description: 'What came of `requestReport`.',
  success: RequestReportSuccess,
  failures: ['VALIDATION_FAILED', 'NOT_FOUND', 'FORBIDDEN'],
});

builder.mutationField('requestReport', (t) =>
  t.field({
    type: RequestReportPayload,
    description:
      'Asks for a compliance report; follow it with `reportProgressed`. Example: `requestReport(input: { preset: AUDITOR, ' +
      'from: "2026-10-01T00:00:00Z", to: "2026-11-01T00:00:00Z" }) { … on RequestReportSuccess { report { id state } } }`.',
    operations: ['reports.use'],
    refusals: ['VALIDATION_FAILED', 'NOT_FOUND', 'FORBIDDEN'],
    args: { input: t.arg({ type: RequestReportInput, required: true, description: 'What it is to be about.' }) },
    resolve: async (_root, { input }, { viewer, fleet, services }) => {
      const { pool, calendar, clock } = services;
      await requireFleets(pool, viewer, input.fleets ?? [fleet]);
      const wish = {
        preset: input.preset ?? ('AUTHORITY' as const),
        fleets: input.fleets ?? null,
        from: input.from ?? null,
        to: input.to ?? null,
        agents: input.agents ?? null,
        riskClasses: input.riskClasses ?? null,
        decisionId: input.decisionId ?? null,
        conversationId: input.conversationId ?? null,
        subject: input.subject ?? null,
        timeZone: input.timeZone ?? null,
      };
      for (const name of ['decisionId', 'conversationId', 'subject'] as const) {
        if (!isStorableText(wish[name] ?? '')) {
          throw new AppError('VALIDATION_FAILED', `${name} is not valid text`, { path: [name] });
        }
      }
      const tools = { pool, calendar, nowMs: clock.now() };
      return { report: await askForReport(tools, { fleet, wish, actor: viewer.subject, schedule: null }) };
    },
  }),
);

/** Whether others exist is none of the viewer's business. */
async function requireFleets(pool: Pool, viewer: Viewer, fleets: readonly string[]): Promise<void> {
  for (const fleet of fleets) {
    if (!mayEnter(viewer, fleet)) throw new AppError('FORBIDDEN', `the credential does not open the fleet ${fleet}`);
    if (!isStorableText(fleet) || !(await fleetExists(pool, fleet))) {
      throw new AppError('NOT_FOUND', `there is no fleet ${fleet}`, { path: ['fleets'] });
    }
  }
}
