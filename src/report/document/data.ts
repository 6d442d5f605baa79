import type { BundleVerdict } from '../../ledger/bundle/verdict.js';
import type { Facts } from '../facts/gather.js';
import type { LedgerInput, ReportInput } from '../request.js';
import type { Block, Rich, Section, Span } from './block.js';
import { type Calendar, counted, grouped } from './wording.js';

/** One fleet's ledger as the report tells of it. */
export interface LedgerData {
  input: LedgerInput;
  /** What checking its bundle came to, believing the keys and the policy that came with it. */
  verdict: BundleVerdict;
  facts: Facts;
  /** The last checkpoint in the bundle, as signed text; null when there is none. */
  checkpoint: string | null;
}

export interface ReportData {
  input: ReportInput;
  ledgers: readonly LedgerData[];
  calendar: Calendar;
}

/** Makes a section, with what it is read from said in words. */
export function section(
  data: ReportData,
  { id, title, serves }: Pick<Section, 'id' | 'title' | 'serves'>,
  blocks: readonly Block[],
): Section {
  return { id, title, serves, sources: sourcesOf(data), blocks };
}

function sourcesOf({ ledgers }: ReportData): string {
  return ledgers
    .map(({ input, verdict }) => {
      const { firstSeq, lastSeq, checked } = verdict.entries;
      const name = ledgers.length > 1 ? `${input.fleet}: ` : '';
      if (firstSeq === null) return `${name}no entries`;
      const place =
        verdict.manifest?.scope === 'selection'
          ? `${counted(checked, 'chosen entry', 'chosen entries')}`
          : `entries ${grouped(firstSeq)} to ${grouped(lastSeq ?? firstSeq)}`;
      return `${name}${place}, ${levelOf(verdict)}`;
    })
    .join('; ');
}

/** Whether entries were chosen: then it says nothing of the ledger that there is none of a kind among them. */
export function isSelection({ ledgers }: ReportData): boolean {
  return ledgers.some(({ verdict }) => verdict.manifest?.scope === 'selection');
}

/** How far the entries are proven, in a word. */
export function levelOf({ published, witnesses, entries }: BundleVerdict): string {
  if (published.size === null) return 'sealed, not published';
  if (published.unpublished > 0) {
    return published.unpublished >= entries.checked ? 'sealed, not published' : 'published but for the tail';
  }
  return witnesses.some(({ cosignatures }) => cosignatures > 0) ? 'published and witnessed' : 'published';
}

/** The blocks of each ledger, under the fleet's name where there are several. */
export function eachLedger(data: ReportData, blocksOf: (ledger: LedgerData) => readonly Block[]): readonly Block[] {
  return data.ledgers.flatMap((ledger) => {
    const heading: Block = { kind: 'heading', text: `Fleet ${ledger.input.fleet}` };
    return [...(data.ledgers.length > 1 ? [heading] : []), ...blocksOf(ledger)];
  });
}

export function code(text: string): Span {
  return { text, style: 'code' };
}

export function strong(text: string): Span {
  return { text, style: 'strong' };
}

export function plain(text: string): Span {
  return { text, style: 'plain' };
}

export function paragraph(text: Rich): Block {
  return { kind: 'paragraph', text };
}
