/** What a report is made of, whatever draws it. */

import type { Passage } from './passage.js';

/** Text with spans that are set apart. A bare string is ordinary text. */
export type Rich = string | readonly Span[];

export interface Span {
  text: string;
  /** `code`: identifiers and digests. `quote`: what was recorded, of which not a word is ours. */
  style: 'plain' | 'strong' | 'muted' | 'code' | 'quote';
}

/** How a fact is to be taken; never told by colour alone. */
export type Tone = 'neutral' | 'good' | 'attention' | 'bad';

export interface Column {
  title: string;
  /** Its part of the table's width, against those of the other columns. */
  weight: number;
  align?: 'left' | 'right';
}

export interface Cell {
  text: Rich;
  tone?: Tone;
}

export interface Tile {
  value: string;
  label: string;
  note?: string;
  tone?: Tone;
}

export interface Bar {
  label: string;
  /** Stacked from left to right. */
  parts: readonly number[];
  note: string;
}

export interface SeriesColumn {
  label: string;
  parts: readonly number[];
}

/** One part of a chart's stack, as its legend names it. */
export interface Part {
  name: string;
  tone: Tone;
}

/** A link of a reasoning chain. */
export interface ChainStep {
  kind: string;
  title: string;
  facts: string;
  /** What it held; empty when it is not disclosed, and then `withheld` says why. */
  content: readonly Passage[];
  withheld: string | null;
  digest: string;
  failed: boolean;
}

export type Block =
  | { kind: 'paragraph'; text: Rich }
  | { kind: 'heading'; text: string }
  | { kind: 'list'; items: readonly Rich[] }
  | { kind: 'facts'; rows: readonly { label: string; value: Rich }[] }
  | { kind: 'tiles'; tiles: readonly Tile[] }
  | { kind: 'callout'; tone: Tone; title: string; text: Rich }
  | {
      kind: 'table';
      columns: readonly Column[];
      rows: readonly (readonly Cell[])[];
      caption: string;
      rest: string | null;
    }
  | { kind: 'bars'; title: string; parts: readonly Part[]; bars: readonly Bar[]; description: string }
  | { kind: 'series'; title: string; parts: readonly Part[]; columns: readonly SeriesColumn[]; description: string }
  | { kind: 'extent'; title: string; parts: readonly (Part & { size: number; note: string })[]; description: string }
  | { kind: 'chain'; steps: readonly ChainStep[] }
  | { kind: 'code'; text: string };

export interface Section {
  /** `integrity`: names it in links. */
  id: string;
  title: string;
  /** What it is there for: the articles and criteria it serves, in our words. */
  serves: string;
  /** Which entries it was read from, and how far they are proven. */
  sources: string;
  blocks: readonly Block[];
}

export interface Cover {
  title: string;
  subtitle: string;
  period: string;
  tiles: readonly Tile[];
  rows: readonly { label: string; value: Rich }[];
  /** The verdict on the ledger, in a line. */
  statement: { tone: Tone; text: string };
}

export interface ReportDocument {
  /** In the head of every page. */
  runningTitle: string;
  id: string;
  cover: Cover;
  sections: readonly Section[];
}
