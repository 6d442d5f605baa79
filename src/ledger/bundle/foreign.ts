const GZIP = '1f8b';
const ZIP = '504b0304';
const UTF_8_MARK = 'efbbbf';
const UTF_16_MARKS = ['fffe', 'feff'];
const LONGEST_MARK_BYTES = 4;
const CARRIAGE_RETURN = 0x0d;

/** What was made of a file whose first line is no manifest, in words for people; null where that line does not tell. */
export function nameForeign(line: Buffer): string | null {
  const start = line.toString('hex', 0, LONGEST_MARK_BYTES);
  if (start.startsWith(GZIP)) return 'it is packed with gzip: unpack it first';
  if (start.startsWith(ZIP)) return 'it is packed as ZIP: unpack it first';
  if (start.startsWith(UTF_8_MARK)) return 'it begins with a byte order mark: another program saved it anew';
  if (UTF_16_MARKS.some((mark) => start.startsWith(mark))) return 'it is UTF-16: another program saved it anew';
  if (line.at(-1) === CARRIAGE_RETURN) return 'its lines end in carriage returns: another program saved it anew';
  return null;
}
