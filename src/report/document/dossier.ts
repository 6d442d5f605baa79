import type { Dossier } from '../facts/dossier.js';
import { decimalOf, exactDecimalOf, flagOf, integerOf, momentOf, type Payload, textOf } from '../facts/payload.js';
import type { Block, Rich, Section } from './block.js';
import { code, eachLedger, paragraph, plain, type ReportData, section } from './data.js';
import { reasoningOf } from './reasoning.js';
import { counted, dollars, duration, grouped } from './wording.js';

/** Decisions one by one: what was decided, on what, by which steps. */
export function dossierSection(data: ReportData): Section {
  const isPersonal = data.input.request.preset === 'INDIVIDUAL';
  return section(
    data,
    {
      id: 'dossiers',
      title: isPersonal ? 'The decisions about you' : 'Decision dossiers',
      serves:
        'AI Act Art. 86: the role of the AI in a decision and its main elements. GDPR Art. 15(1)(h), 22(3): the logic involved, and how to contest it (CJEU C-203/22).',
    },
    [
      paragraph(isPersonal ? FOR_A_PERSON : FOR_A_READER),
      ...eachLedger(data, ({ facts, input, verdict }) =>
        facts.dossiers.length === 0
          ? [paragraph('None of the decisions that were asked for is in the record.')]
          : facts.dossiers.flatMap((dossier) =>
              dossierBlocks(dossier, {
                data,
                disclosed: verdict.manifest !== null && verdict.manifest.content !== 'withheld',
                fleet: input.fleet,
              }),
            ),
      ),
      ...(isPersonal ? contestBlocks() : []),
    ],
  );
}

const FOR_A_READER =
  'Each dossier tells one decision by its entries and, where its content is kept and may be shown, by the steps that led to it. A step’s digest is the commitment that was sealed with the decision: the content under it is proven to be what was recorded then, and nothing that was put there later. Of more than 512 steps, one digest of all of theirs is sealed. Messages, arguments and results are set out to be read, without ids and quotation marks; the digest is of the content in the attached bundle, as it came. What a model says about its own reasons is what it says; it is no proof of why it answered.';
const FOR_A_PERSON =
  'A computer system took part in each of the decisions below. For each you find what went in, what came out, and the steps between them, as they were recorded at the time. Long numbers are seals: they show that the record was not changed since.';

const NO_BREAK = '\u00a0';

function dossierBlocks(
  { id, entries, payload, openings, mentions }: Dossier,
  { data, disclosed, fleet }: { data: ReportData; disclosed: boolean; fleet: string },
): readonly Block[] {
  const { calendar } = data;
  const moment = (key: string) => {
    const ms = momentOf(payload, key);
    return ms === null ? 'not told' : calendar.exactMoment(ms);
  };
  const erasedBy = mentions.findLast(({ kind }) => kind === 'ERASURE')?.seq ?? null;
  const openingAt = (path: string) => openings.find((opening) => opening.path === path) ?? null;
  const rows: { label: string; value: Rich }[] = [
    {
      label: 'Decided by',
      value: `${told(payload, 'agent')}, version ${told(payload, 'agentVersion')}, with the model ${told(payload, 'model')} of ${told(payload, 'provider')}`,
    },
    {
      label: 'Kind of request',
      value: `${told(payload, 'requestType')}; risk class ${told(payload, 'riskClass').toLowerCase().replaceAll('_', ' ')}`,
    },
    {
      label: 'Began and ended',
      value: `${moment('startedAt')} to ${moment('endedAt')} (${duration(decimalOf(payload, 'latencyMs')).replace(' ', NO_BREAK)})`,
    },
    { label: 'Outcome', value: outcomeOf(payload) },
    { label: 'Cost', value: dollars(exactDecimalOf(payload, 'costUsd')) },
    ...groundingRows(payload),
    { label: 'Conversation', value: told(payload, 'conversationId') },
    {
      label: 'Entries',
      value: entries.flatMap(({ seq, kind, hash, recordedAt }, index) => [
        plain(
          `${index === 0 ? '' : '\n'}${grouped(seq)} ${kind.toLowerCase()}, sealed ${calendar.exactMoment(Date.parse(recordedAt))}\n`,
        ),
        code(hash),
      ]),
    },
    ...(mentions.length === 0
      ? []
      : [
          {
            label: 'Named by',
            value: mentions.map(({ seq, kind }) => `entry ${grouped(seq)} (${kind.toLowerCase()})`).join(', '),
          },
        ]),
    ...(textOf(payload, 'supersededBy') === null
      ? []
      : [
          {
            label: 'Part of',
            value: `the decision ${told(payload, 'supersededBy')}, which it turned out to belong to`,
          },
        ]),
  ];
  return [
    { kind: 'heading', text: `Decision ${id}${data.ledgers.length > 1 ? ` in ${fleet}` : ''}` },
    { kind: 'facts', rows },
    { kind: 'chain', steps: reasoningOf(payload, { openingAt, disclosed, calendar, erasedBy }) },
  ];
}

function told(payload: Payload, key: string): string {
  return textOf(payload, key) ?? 'not told';
}

function outcomeOf(payload: Payload): string {
  const failure = textOf(payload, 'errorType');
  const result =
    textOf(payload, 'outcome') === 'ERROR' ? `failed${failure === null ? '' : `: ${failure}`}` : 'succeeded';
  const tools = integerOf(payload, 'toolCalls') ?? 0;
  const failed = integerOf(payload, 'failedToolCalls') ?? 0;
  const settled =
    flagOf(payload, 'complete') === false ? '; settled by time, since part of its telemetry did not come' : '';
  return `${result}; ${counted(tools, 'tool call')}, ${grouped(failed)} failed${settled}`;
}

function groundingRows(payload: Payload): { label: string; value: Rich }[] {
  const score = decimalOf(payload, 'hallucinationScore');
  if (score === null) return [];
  return [{ label: 'Grounding', value: `scored ${score.toFixed(2)} from 0, grounded, to 1, made up: an estimate` }];
}

function contestBlocks(): readonly Block[] {
  return [
    { kind: 'heading', text: 'If you do not agree' },
    {
      kind: 'list',
      items: [
        'You may ask that a person looks at the decision, tell your own view of it, and contest it (GDPR Art. 22(3)), where the decision was taken by the system alone and concerns you significantly.',
        'You may have an explanation of the system’s role in it from whoever decided with it (AI Act Art. 86), where that article applies.',
        'You may ask for a copy of the data, for correction and for erasure (GDPR Art. 15 to 17), and complain to a supervisory authority (Art. 77).',
        'Write to whoever gave you this report. The report’s number and the decision’s number are enough to find the record.',
      ],
    },
    paragraph(
      'What would have led to another outcome is not in this record: the system that decided may or may not be able to tell, and whoever uses it has to answer that question.',
    ),
  ];
}
