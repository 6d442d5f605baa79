import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseFleetId } from '../access/fleet-id.js';
import { systemClock } from '../clock.js';
import { DecisionCalendar } from '../decision/calendar.js';
import { AppError } from '../errors.js';
import { exportBundle } from '../export/export-bundle.js';
import { sealExport } from '../export/export-entry.js';
import { type ExportScope, planExport, settleExtent } from '../export/plan.js';
import { GENERATOR } from '../version.js';
import { byCli } from './by-cli.js';
import type { Command } from './command.js';
import type { CommandInput } from './input.js';
import { tell } from './output.js';
import { readPolicyText } from './policy-text.js';
import { withDatabase } from './with-database.js';

export const exportLedger: Command = {
  name: 'export',
  summary:
    'Write a bundle of a fleet’s ledger, which midwatch verify checks offline, and seal in it that it was given out.',
  positionals: [],
  options: {
    fleet: { value: 'ID', help: 'The fleet; required.' },
    from: { value: 'SEQ', help: 'The first entry; 0 if left out.' },
    to: { value: 'SEQ', help: 'The entry after the last; as far as the ledger is published if left out.' },
    decision: { value: 'ID', isRepeatable: true, help: 'Only entries about this decision.' },
    conversation: { value: 'ID', help: 'Only entries about the decisions of this conversation.' },
    'without-content': { help: 'Withhold prompts, answers, arguments and results.' },
    output: { value: 'FILE', help: 'Where it is written; standard output if left out.' },
  },
  run: async (input) => {
    const fleet = parseFleetId(input.required('fleet'), '--fleet');
    const scope = readScope(input);
    const content = input.has('without-content') ? 'withheld' : 'disclosed';
    const file = input.value('output');
    const policy = readPolicyText();
    await withDatabase(async (pool) => {
      const calendar = new DecisionCalendar({ pool, clock: systemClock });
      const hasWitnesses = policy !== null;
      const extent = await settleExtent(pool, { fleet, hasWitnesses, nowMs: systemClock.now() });
      const plan = await planExport({ pool, calendar }, { fleet, scope, content, extent });
      const { subject, isOwed } = await sealExport(pool, { plan, scope }, byCli());
      let entries = 0;
      const progressed = (count: number) => {
        entries += count;
      };
      const bundle = Readable.from(exportBundle({ pool, plan, generator: GENERATOR, policy, progressed }));
      await pipeline(bundle, file === undefined ? process.stdout : createWriteStream(file));
      const sealed = isOwed ? `owed as ${subject}, since the ledger stands still` : `sealed as ${subject}`;
      tell(`${entries} entries, proven by the checkpoint of size ${plan.size}; ${sealed}`);
    });
    return 0;
  },
};

function readScope(input: CommandInput): ExportScope {
  const ids = input.values('decision');
  const conversation = input.value('conversation');
  const [from, to] = [readSeq(input, 'from'), readSeq(input, 'to')];
  const ways = [ids.length > 0, conversation !== undefined, from !== null || to !== null];
  if (ways.filter(Boolean).length > 1) {
    throw new AppError('VALIDATION_FAILED', 'give either --from and --to, or --decision, or --conversation');
  }
  if (conversation !== undefined) return { kind: 'conversation', id: conversation };
  return ids.length > 0 ? { kind: 'decisions', ids } : { kind: 'range', from: from ?? 0, to };
}

function readSeq(input: CommandInput, option: string): number | null {
  const text = input.value(option);
  if (text === undefined) return null;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new AppError('VALIDATION_FAILED', `--${option}: ${JSON.stringify(text)} is no seq, such as 0 or 1500`);
}
