import type { Section } from './block.js';
import { code, paragraph, plain, type ReportData, section } from './data.js';
import { counted } from './wording.js';

/** What a record like this cannot prove. */
export function limitsSection(data: ReportData): Section {
  const tail = data.ledgers.reduce((sum, { verdict }) => sum + verdict.published.unpublished, 0);
  const unsampled = data.ledgers.reduce(
    (sum, { facts }) => sum + facts.figures.total.decisions - facts.figures.total.kept,
    0,
  );
  return section(
    data,
    {
      id: 'limits',
      title: 'Limits and assumptions',
      serves: 'Fairness to the reader: what is not proven is said.',
    },
    [
      {
        kind: 'list',
        items: [
          'No ledger proves that an agent told the truth, that what it was given was complete, or that an event was not held back before it reached the recorder.',
          `${counted(tail, 'entry', 'entries')} of this report ${tail === 1 ? 'is' : 'are'} covered by no checkpoint yet. Until one is, whoever runs the recorder could still replace them.`,
          'Times are those of the recorder’s clock. A checkpoint’s cosignatures carry the witnesses’ times; between two of them an entry’s own time is a claim.',
          `Of ${counted(unsampled, 'decision')} content was not kept: the digest of the chain is sealed, and nobody can show any more what it stood for.`,
          'A period holds the decisions that started in it, and everything else that was sealed in it. Decisions that were not sealed when the report was made are in a later one.',
          'Costs are those that were sealed with each decision. Later re-pricings stand among the changes and are not applied to the sums.',
          'Figures marked as stored come from tables beside the ledger. The verifier checks that they were not changed in this file; it cannot check where they came from.',
          'Scripts that the typefaces of this file lack are shown by their code points; right-to-left text stands in the order of its characters. The bundle has the text as it was.',
          'This report states facts and where they are recorded. It does not say that a law or a norm is complied with.',
        ],
      },
    ],
  );
}

/** What is embedded in the file, and what each thing is for. */
export function attachmentsSection(data: ReportData): Section {
  const { input } = data;
  return section(
    data,
    {
      id: 'attachments',
      title: 'Attachments',
      serves: 'PDF/A-3 associated files: everything that is needed to check this report travels with it.',
    },
    [
      {
        kind: 'table',
        caption: 'Embedded files',
        columns: [
          { title: 'File', weight: 2 },
          { title: 'What it is', weight: 4 },
          { title: 'SHA-256', weight: 4 },
        ],
        rows: [
          ...input.ledgers.map(({ bundle, bundleSha256, fleet }) => [
            { text: bundle },
            {
              text: `Entries of ${fleet} with their hashes, disclosed contents with their salts, proofs, checkpoints, keys, policy, and the heads of all fleets`,
            },
            { text: [code(bundleSha256)] },
          ]),
          [
            { text: 'report.json' },
            {
              text: 'What was asked for, what the installation is set to, and stored figures: with the bundles, all this report was made from',
            },
            { text: 'covered by the comparison of the pages' },
          ],
          [
            { text: 'figures.json' },
            { text: 'The figures of this report for machines: added up from the bundles, and again by the verifier' },
            { text: 'covered by the comparison of the figures' },
          ],
          [
            { text: 'decisions.csv' },
            {
              text: 'A line for each decision, to sort and filter. Cells that a spreadsheet would take for formulas begin with an apostrophe',
            },
            { text: 'made from the bundles' },
          ],
        ],
        rest: null,
      },
      paragraph([
        plain('The file was made by '),
        code(input.generator),
        plain(
          ' as PDF/A-3a. During development files like it were found to conform by veraPDF, and read by qpdf and poppler; this one was not certified by anybody.',
        ),
      ]),
    ],
  );
}
