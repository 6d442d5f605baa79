import { type BundleLine, type EndLine, formatLine } from './line.js';
import { LineDigest } from './line-digest.js';

/** Enough for each write to be worth its call, little enough to hold. */
const CHUNK_UNITS = 65_536;

/** Writes a bundle: its lines as they come, and the end line that counts them. Holds no more than a chunk of it. */
export async function* writeBundle(
  lines: AsyncIterable<Exclude<BundleLine, EndLine>> | Iterable<Exclude<BundleLine, EndLine>>,
): AsyncGenerator<string> {
  const digest = new LineDigest();
  const counts = { entries: 0, openings: 0, lines: 1 };
  let chunk = '';
  for await (const line of lines) {
    const text = formatLine(line);
    counts.lines += 1;
    if (line.type === 'entry') {
      counts.entries += 1;
      digest.takeHash(line.hash);
    } else {
      if (line.type === 'opening') counts.openings += 1;
      digest.takeLine(text);
    }
    chunk += `${text}\n`;
    if (chunk.length < CHUNK_UNITS) continue;
    yield chunk;
    chunk = '';
  }
  yield `${chunk}${formatLine({ type: 'end', ...counts, digest: digest.end() })}\n`;
}
