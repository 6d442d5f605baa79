import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { parseFleetId } from '../access/fleet-id.js';
import { fleetExists, listFleets } from '../access/store.js';
import { systemClock } from '../clock.js';
import { readConfig } from '../config.js';
import { type Database, openDatabase } from '../db/database.js';
import { tryLease } from '../db/lease.js';
import { workUnderLease } from '../db/pool.js';
import { DecisionCalendar } from '../decision/calendar.js';
import { RISK_CLASSES } from '../decision/decision.js';
import { AppError } from '../errors.js';
import { Publisher } from '../ledger/publish/publisher.js';
import { openSigningKeys } from '../ledger/publish/signing-keys.js';
import { createLog, type Log } from '../log.js';
import { counted } from '../report/document/wording.js';
import { installationFacts } from '../report/installation.js';
import { askForReport, type ReportWish } from '../report/job/ask.js';
import { ReportFiles } from '../report/job/files.js';
import { ReportQueue } from '../report/job/queue.js';
import { PDF_NAME, type ReportFile, type ReportRow } from '../report/job/report.js';
import { findReport } from '../report/job/store.js';
import { PRESETS } from '../report/request.js';
import { openSigner } from '../report/signature/open-signer.js';
import { loadSettings } from '../settings/read.js';
import { type Command, JSON_OPTION } from './command.js';
import type { CommandInput } from './input.js';
import { parseMoment } from './moment.js';
import { printJson, printLine, tell } from './output.js';
import { readPolicyText } from './policy-text.js';

export const report: Command = {
  name: 'report',
  summary: 'Make a compliance report as a PDF that proves itself, and print its path and SHA-256.',
  positionals: [],
  options: {
    preset: {
      value: 'NAME',
      help: 'authority (all of it), auditor, or individual (about one person); authority if left out.',
    },
    from: { value: 'TIME', help: 'Decisions that started at this day or time (UTC) or after.' },
    to: {
      value: 'TIME',
      help: 'Decisions that started before this; both are needed unless it is about one decision, conversation or user.',
    },
    fleet: { value: 'ID', isRepeatable: true, help: 'A fleet it is about; may be left out where there is one.' },
    agent: { value: 'NAME', isRepeatable: true, help: 'Only decisions of this agent.' },
    'risk-class': {
      value: 'CLASS',
      isRepeatable: true,
      help: 'Only decisions of this class: high_risk, routine, admin.',
    },
    decision: { value: 'ID', help: 'Only this decision.' },
    conversation: { value: 'ID', help: 'Only the decisions of this conversation.' },
    subject: { value: 'ID', help: 'Only the decisions about this user of an agent.' },
    'time-zone': { value: 'ZONE', help: 'Whose days and hours it tells, such as Europe/Berlin; UTC if left out.' },
    output: { value: 'FILE', help: 'Where the PDF is put; report-<id>.pdf here if left out.' },
    bundle: { value: 'FILE', help: 'Where the ledger bundle is put too, which the PDF has embedded.' },
    json: JSON_OPTION,
  },
  run: async (input) => {
    const config = readConfig();
    const log = createLog(config.logLevel);
    const database = await openDatabase(config, log);
    try {
      const fleets = await readFleets(database, input);
      const tools = {
        pool: database.pool,
        calendar: new DecisionCalendar({ pool: database.pool, clock: systemClock }),
      };
      const asked = await askForReport(
        { ...tools, nowMs: systemClock.now() },
        { fleet: fleets[0] as string, wish: readWish(input, fleets), actor: 'cli', schedule: null },
      ).catch((error: unknown) => {
        throw underOption(error);
      });
      const made = await waitFor(database, asked, log);
      return await deliver(new ReportFiles(config.dataDir), made, input);
    } finally {
      await database.close();
    }
  },
};

async function readFleets({ pool }: Database, input: CommandInput): Promise<string[]> {
  const named = input.values('fleet').map((id) => parseFleetId(id, '--fleet'));
  for (const fleet of named) {
    if (!(await fleetExists(pool, fleet))) throw new AppError('NOT_FOUND', `there is no fleet ${fleet}`);
  }
  if (named.length > 0) return named;
  const [only, ...others] = await listFleets(pool, 2);
  if (only !== undefined && others.length === 0) return [only.id];
  throw new AppError('VALIDATION_FAILED', '--fleet is required: name one of those that midwatch fleet list prints');
}

function readWish(input: CommandInput, fleets: readonly string[]): ReportWish {
  const moment = (option: string) => {
    const text = input.value(option);
    return text === undefined ? null : new Date(parseMoment(text, `--${option}`));
  };
  const list = (option: string) => (input.values(option).length > 0 ? input.values(option) : null);
  return {
    preset: readWord(input.value('preset') ?? 'authority', '--preset', PRESETS),
    fleets,
    from: moment('from'),
    to: moment('to'),
    agents: list('agent'),
    riskClasses: list('risk-class')?.map((word) => readWord(word, '--risk-class', RISK_CLASSES)) ?? null,
    decisionId: input.value('decision') ?? null,
    conversationId: input.value('conversation') ?? null,
    subject: input.value('subject') ?? null,
    timeZone: input.value('time-zone') ?? null,
  };
}

const OPTIONS: Readonly<Record<string, string>> = {
  fleets: 'fleet',
  agents: 'agent',
  riskClasses: 'risk-class',
  decisionId: 'decision',
  conversationId: 'conversation',
  timeZone: 'time-zone',
};

/** What the API says of a field, said of the option. */
function underOption(error: unknown): unknown {
  if (!(error instanceof AppError) || error.path === undefined) return error;
  const field = String(error.path[0]);
  const message = error.message.replace(`${field}: `, `--${OPTIONS[field] ?? field}: `);
  return new AppError(error.code, message, { cause: error });
}

function readWord<Word extends string>(text: string, option: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text.toUpperCase().replaceAll('-', '_'));
  if (found !== undefined) return found;
  throw new AppError(
    'VALIDATION_FAILED',
    `${option}: ${JSON.stringify(text)} is none of ${words.join(', ').toLowerCase()}`,
  );
}

const LOOK_EVERY_MS = 250;
/** A server that runs takes up what waits within this. */
const SERVER_LOOKS_MS = 2_000;

/** Waits until a server that runs has made the report; where none runs, makes it here. Throws when it cannot be made. */
async function waitFor(database: Database, asked: ReportRow, log: Log): Promise<ReportRow> {
  let told = -1;
  for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
    const report = await findReport(database.pool, asked.fleet, asked.id);
    if (report === null) throw new AppError('NOT_FOUND', 'the report is gone');
    if (report.state === 'DONE') return report;
    if (report.state === 'FAILED') throw new AppError('UNAVAILABLE', `the report could not be made: ${report.error}`);
    const percent = Math.floor(report.progress * 100);
    if (percent !== told && report.state === 'RUNNING') tell(`${percent} %`);
    told = percent;
    if (report.state === 'QUEUED' && waitedMs >= SERVER_LOOKS_MS) await makeHere(database, log);
    await wait(LOOK_EVERY_MS);
  }
}

/** Makes what waits, if no server has the lease of the database. */
async function makeHere(database: Database, log: Log): Promise<void> {
  const lease = await tryLease(database, log);
  if (lease === null) return;
  try {
    const { pool } = database;
    workUnderLease(pool, lease.epoch);
    const config = readConfig();
    const settings = loadSettings(config.configFile);
    const keys = openSigningKeys(config);
    const faulty = (fleet: string, fault: Error) =>
      log.error({ fleet, err: fault.message }, 'the ledger is not as it was signed');
    const publisher = new Publisher({ pool, keys, published: () => undefined, faulty, clock: systemClock, log });
    const queue = new ReportQueue({
      pool,
      calendar: new DecisionCalendar({ pool, clock: systemClock }),
      files: new ReportFiles(config.dataDir),
      publish: (fleet) => publisher.publish(fleet),
      settings: installationFacts(settings),
      policyText: readPolicyText(),
      signer: await openSigner(settings, { clock: systemClock, stopped: new AbortController().signal }),
      keptMs: settings.reports.keptMs,
      announce: () => undefined,
      clock: systemClock,
      log,
    });
    // What a report rests on is named by the log of the installation, which grows in rounds.
    publisher.start();
    await queue.look();
    await publisher.stop();
  } finally {
    await lease.release();
  }
}

async function deliver(files: ReportFiles, made: ReportRow, input: CommandInput): Promise<number> {
  const pdf = made.files.find(({ name }) => name === PDF_NAME) as ReportFile;
  const output = input.value('output') ?? `report-${made.id}.pdf`;
  await copy(files, made.id, { file: pdf, to: output });
  const bundle = input.value('bundle');
  const bundles = made.files.filter(({ name }) => name !== PDF_NAME);
  if (bundle !== undefined && bundles.length > 1) {
    throw new AppError('VALIDATION_FAILED', '--bundle: the report has a bundle for each fleet: name one fleet');
  }
  if (bundle !== undefined) await copy(files, made.id, { file: bundles[0] as ReportFile, to: bundle });
  const { id, pages, decisions, sha256 } = made;
  if (input.has('json')) printJson({ id, file: output, pages, decisions, bytes: pdf.bytes, sha256 });
  else printLine(`${output}\t${sha256}`);
  tell(
    `${counted(pages ?? 0, 'page')} about ${counted(decisions ?? 0, 'decision')}; check it with: npx midwatch verify ${output} --public-key KEY`,
  );
  return 0;
}

async function copy(files: ReportFiles, id: string, { file, to }: { file: ReportFile; to: string }): Promise<void> {
  const handle = await files.open(id, file);
  try {
    await pipeline(handle.createReadStream(), createWriteStream(to, { mode: 0o600 }));
  } catch (cause) {
    throw new AppError('VALIDATION_FAILED', `${to} cannot be written: ${(cause as Error).message}`, { cause });
  }
}
