import { AppError } from '../../errors.js';
import { type ReportMoment, streamReport } from '../../live/report-stream.js';
import { builder } from '../builder.js';
import { ReportRef } from '../refs.js';
import { findOwnReport, reportKeyOf } from './report.js';

builder.subscriptionField('reportProgressed', (t) =>
  t.field({
    type: ReportRef,
    description:
      'A report as it is now, and again whenever it has come further, until it is done or failed and after. ' +
      'Example: `subscription { reportProgressed(id: "Report:3f2a91c04be7d518") { state progress pdfUrl } }`.',
    operations: ['reports.use'],
    args: { id: t.arg.id({ required: true, description: '`Report:<16 hex digits>`.' }) },
    subscribe: async (_root, { id }, context) => {
      const { fleet, signal, services } = context;
      const report = await findOwnReport(context, reportKeyOf(id));
      if (report === null) throw new AppError('NOT_FOUND', 'there is no such report', { path: ['id'] });
      return streamReport({ pool: services.pool, bus: services.reportBus, fleet, id: report.id, signal });
    },
    resolve: ({ report }: ReportMoment) => report,
  }),
);
