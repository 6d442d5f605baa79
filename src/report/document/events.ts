import type { EventGroup } from '../facts/event.js';
import type { Facts } from '../facts/gather.js';
import type { Block } from './block.js';
import { isSelection, paragraph, type ReportData } from './data.js';
import { counted, grouped } from './wording.js';

/** The entries of one group as a table; a sentence where there are none. */
export function eventTable(
  { events, eventCounts }: Facts,
  group: EventGroup,
  { caption, data }: { caption: string; data: ReportData },
): readonly Block[] {
  const listed = events[group];
  if (listed.length === 0) {
    return [
      paragraph(
        isSelection(data)
          ? `${caption}: none are among the entries chosen for this report. A report about the period has all that were recorded.`
          : `${caption}: none were recorded in the period.`,
      ),
    ];
  }
  const rest = eventCounts[group] - listed.length;
  return [
    {
      kind: 'table',
      caption,
      columns: [
        { title: 'Entry', weight: 0.8, align: 'right' },
        { title: 'Sealed', weight: 1.6 },
        { title: 'Kind', weight: 1.1 },
        { title: 'About', weight: 1.7 },
        { title: 'By', weight: 1.2 },
        { title: 'What it says', weight: 4.4 },
      ],
      rows: listed.map(({ seq, atMs, kind, subject, actor, summary }) => [
        { text: grouped(seq) },
        { text: data.calendar.moment(atMs) },
        { text: kind },
        { text: subject },
        { text: actor ?? '–' },
        { text: summary },
      ]),
      rest:
        rest > 0 ? `These are the latest; ${counted(rest, 'earlier one')} can be read from the attached bundle.` : null,
    },
  ];
}
