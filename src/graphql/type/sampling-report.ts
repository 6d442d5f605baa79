import {
  type ClassReport,
  readSamplingReport,
  type SampledCounts,
  type SamplingReport,
} from '../../fleet/sampling-report.js';
import { builder } from '../builder.js';
import { RiskClassEnum } from '../enums.js';
import { clampInt } from '../int.js';

const SampledCountsType = builder.objectRef<SampledCounts>('SampledCounts').implement({
  description:
    'What was kept and what was not. Bytes are those of content and steps as they are stored; each decision’s own row and ' +
    'its ledger entry, with the digest of its whole chain, are kept in any case and not counted.',
  fields: (t) => ({
    decisions: t.int({ description: 'All decisions.', resolve: (counts) => clampInt(counts.decisions) }),
    keptDecisions: t.int({
      description: 'Those whose content and steps were kept.',
      resolve: (counts) => clampInt(counts.kept_decisions),
    }),
    steps: t.int({ description: 'The steps of all decisions.', resolve: (counts) => clampInt(counts.steps) }),
    keptSteps: t.int({ description: 'The steps that were kept.', resolve: (counts) => clampInt(counts.kept_steps) }),
    bytes: t.float({
      description: 'What content and steps of all decisions would take.',
      resolve: (counts) => counts.bytes,
    }),
    keptBytes: t.float({ description: 'What was kept of it.', resolve: (counts) => counts.kept_bytes }),
    savedBytes: t.float({ description: 'What was not.', resolve: (counts) => counts.bytes - counts.kept_bytes }),
    savedShare: t.float({
      nullable: true,
      description: 'The part of all bytes that was not kept, 0 to 1; null when there were none.',
      resolve: (counts) => (counts.bytes === 0 ? null : 1 - counts.kept_bytes / counts.bytes),
    }),
  }),
});

const ClassSamplingType = builder.objectRef<ClassReport>('ClassSampling').implement({
  description: 'What sampling did with the decisions of one class.',
  fields: (t) => ({
    riskClass: t.expose('riskClass', { type: RiskClassEnum, description: 'The class.' }),
    share: t.exposeFloat('share', {
      description:
        'The part whose content is kept by configuration, 0 to 1. Failed, unusual, looping and ungrounded decisions are ' +
        'kept beyond it, with the whole trace they are part of.',
    }),
    counts: t.field({ type: SampledCountsType, description: 'What was kept.', resolve: (report) => report }),
  }),
});

const SamplingReportType = builder.objectRef<SamplingReport>('SamplingReport').implement({
  description: 'What sampling kept and what it saved.',
  fields: (t) => ({
    classes: t.expose('classes', { type: [ClassSamplingType], description: 'Each class of risk.' }),
    total: t.expose('total', { type: SampledCountsType, description: 'All of them together.' }),
  }),
});

builder.queryField('samplingReport', (t) =>
  t.field({
    type: SamplingReportType,
    description:
      'What sampling saved. Example: `samplingReport(from: "2026-11-23T00:00:00Z", to: "2026-11-24T00:00:00Z") ' +
      '{ classes { riskClass share counts { decisions keptDecisions } } total { savedBytes savedShare } }`.',
    operations: ['decisions.read'],
    complexity: 50,
    args: {
      from: t.arg({ type: 'DateTime', required: true, description: 'Decisions that started at this time or after.' }),
      to: t.arg({ type: 'DateTime', required: true, description: 'Decisions that started before this time.' }),
    },
    resolve: (_root, { from, to }, { fleet, services }) =>
      readSamplingReport(services, { fleet, fromMs: from.getTime(), toMs: to.getTime() }, services.sampler.shares),
  }),
);
