import type { Tone } from '../document/block.js';

/** A4 in points, with a side column for what a section serves and where it was read. */
export const PAGE = {
  size: [595.28, 841.89],
  left: 54,
  right: 54,
  top: 84,
  bottom: 66,
  side: 104,
  gutter: 20,
} as const;

export const FULL_WIDTH = PAGE.size[0] - PAGE.left - PAGE.right;
export const BODY_LEFT = PAGE.left + PAGE.side + PAGE.gutter;
export const BODY_WIDTH = FULL_WIDTH - PAGE.side - PAGE.gutter;
export const BODY_TOP = PAGE.top;
export const BODY_BOTTOM = PAGE.size[1] - PAGE.bottom;

export const INK = '#18222f';
export const MUTED = '#5d6876';
export const FAINT = '#8b95a1';
export const HAIRLINE = '#d7dce2';
export const WASH = '#f4f6f8';
export const NIGHT = '#14233a';
export const LAMP = '#e0a03a';
export const PAPER = '#ffffff';

export const TONE_INK: Readonly<Record<Tone, string>> = {
  neutral: INK,
  good: '#1f6b4a',
  attention: '#8f5a00',
  bad: '#a3231b',
};

/** Fills of charts: they differ in lightness too, for those who print in grey or see no red. */
export const TONE_FILL: Readonly<Record<Tone, string>> = {
  neutral: '#9fb0c3',
  good: '#2f5d86',
  attention: '#e0a03a',
  bad: '#b5362d',
};

export const TONE_WASH: Readonly<Record<Tone, string>> = {
  neutral: WASH,
  good: '#edf4f0',
  attention: '#fbf4e6',
  bad: '#fbeeec',
};

/** A mark beside colour. */
export const TONE_WORD: Readonly<Record<Tone, string>> = {
  neutral: 'Note',
  good: 'Holds',
  attention: 'Look here',
  bad: 'Fault',
};

export interface TextStyle {
  face: Face;
  size: number;
  /** From line to line. */
  leading: number;
  color: string;
}

export const FACES = ['sans', 'sans-strong', 'sans-italic', 'serif', 'mono', 'wide'] as const;
export type Face = (typeof FACES)[number];

export const TEXT = {
  body: { face: 'sans', size: 9.4, leading: 14, color: INK },
  small: { face: 'sans', size: 7.6, leading: 10.6, color: MUTED },
  label: { face: 'sans-strong', size: 7, leading: 9.6, color: MUTED },
  cell: { face: 'sans', size: 8, leading: 11, color: INK },
  code: { face: 'mono', size: 7.6, leading: 11, color: INK },
  heading: { face: 'sans-strong', size: 10.6, leading: 15, color: INK },
  title: { face: 'serif', size: 22, leading: 27, color: INK },
  tile: { face: 'serif', size: 19, leading: 23, color: INK },
} as const satisfies Record<string, TextStyle>;
