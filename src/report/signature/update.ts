/** What an update needs to know of the report that it is appended to: all of it stands in the report. */
export interface SignedPart {
  /** How long the report is, in bytes. */
  length: number;
  /** Where its table of objects lies. */
  tableAt: number;
  /** One more than the highest number of an object. */
  objects: number;
  root: number;
  /** The catalog, the first page and the trailer's dictionary, as they stand there: `<<` to `>>`. */
  catalog: string;
  firstPage: { id: number; text: string };
  trailer: string;
}

/** What is new in it. */
export interface SignatureContent {
  /** What the signer says of when it was, 14 digits in UTC: `20261129030000`. */
  claimedAt: string;
  /** The CMS signature in hex, filled up with zeros to `CONTENTS_BYTES`. */
  contents: string;
}

/** Room for a signature with its chain of certificates and a time-stamp token with its own. */
export const CONTENTS_BYTES = 24 * 1024;
/** What it takes at most. */
export const UPDATE_BYTES_MAX = 2 * CONTENTS_BYTES + 64 * 1024;

/** All bytes of an update, and of the file with it: those that the signature covers are around what it stands in. */
export interface SignatureUpdate {
  text: string;
  /** From the update's first byte: where the hex begins, and where it ends. */
  contentsFrom: number;
  contentsTo: number;
}

const RANGE_WIDTH = 52;

/**
 * The one update that a report may have: a signature field that nobody sees, on its first page, and a signature over all
 * but itself (ISO 32000-1 section 12.8, ETSI EN 319 142-1). The same parts give the same bytes, so that whoever checks one
 * makes it again. Null when the report has a form or notes on its first page, which ours have not.
 */
export function signatureUpdate(part: SignedPart, { claimedAt, contents }: SignatureContent): SignatureUpdate | null {
  const { length, tableAt, objects, root, catalog, firstPage, trailer } = part;
  const [field, signature] = [objects, objects + 1];
  const isOther = /\/AcroForm\b/.test(catalog) || /\/Annots\b/.test(firstPage.text) || /\/Prev\b/.test(trailer);
  if (isOther || ![catalog, firstPage.text, trailer].every((text) => text.endsWith('\n>>'))) return null;
  const changed: [number, string][] = [
    [root, extend(catalog, `/AcroForm <<\n/Fields [${field} 0 R]\n/SigFlags 3\n>>`)],
    [firstPage.id, extend(firstPage.text, `/Annots [${field} 0 R]`)],
    [field, fieldOf(firstPage.id, signature)],
  ];
  const places = new Map<number, number>();
  let text = '';
  const add = (id: number, value: string) => {
    places.set(id, length + text.length);
    text += `${id} 0 obj\n${value}\nendobj\n`;
  };
  for (const [id, value] of changed) add(id, value);
  const head = `<<\n/Type /Sig\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.CAdES.detached\n/M (D:${claimedAt}Z)\n`;
  const before = `${signature} 0 obj\n${head}/ByteRange ${' '.repeat(RANGE_WIDTH)}\n/Contents `.length;
  const contentsFrom = text.length + before;
  const contentsTo = contentsFrom + contents.length + 2;
  // The range is as wide whatever is in it, so that where everything lies is known before.
  const after = `\n>>\nendobj\n${tail()}`;
  const range = `[0 ${length + contentsFrom} ${length + contentsTo} ${after.length}]`.padEnd(RANGE_WIDTH);
  text += `${signature} 0 obj\n${head}/ByteRange ${range}\n/Contents <${contents}>${after}`;
  return { text, contentsFrom, contentsTo };

  function tail(): string {
    places.set(signature, length + text.length);
    const table = [...places]
      .sort(([left], [right]) => left - right)
      .map(([id, at]) => `${id} 1\n${String(at).padStart(10, '0')} 00000 n \n`)
      .join('');
    const dictionary = extend(trailer.replace(/\/Size \d+\n/, `/Size ${objects + 2}\n`), `/Prev ${tableAt}`);
    const startsAt = length + contentsTo + '\n>>\nendobj\n'.length;
    return `xref\n${table}trailer\n${dictionary}\nstartxref\n${startsAt}\n%%EOF\n`;
  }
}

/** PDF/A wants it printed, and locked is what nobody should move. */
const PRINTED_AND_LOCKED = 132;

function fieldOf(page: number, signature: number): string {
  const lines = ['/Type /Annot', '/Subtype /Widget', '/FT /Sig', '/T (Signature)', '/TU (Signature)'];
  const place = [`/F ${PRINTED_AND_LOCKED}`, '/Rect [0 0 0 0]', `/P ${page} 0 R`, `/V ${signature} 0 R`];
  return `<<\n${[...lines, ...place].join('\n')}\n>>`;
}

function extend(dictionary: string, entry: string): string {
  return `${dictionary.slice(0, -'>>'.length)}${entry}\n>>`;
}
