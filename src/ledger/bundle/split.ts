const NEWLINE = 0x0a;

/** No line of ours is longer; who sends one longer wants memory. */
const LINE_BYTES_MAX = 67_108_864;

/** A file that no reader can go on with. */
export class SplitFault extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = 'SplitFault';
  }
}

/**
 * The lines of a stream of bytes, without their newlines. `take` is called for each, with bytes that are its own only until
 * it returns. Returns what stands behind the last newline. Throws SplitFault on a line of more than 64 MiB.
 */
export async function splitLines(chunks: AsyncIterable<Uint8Array>, take: (line: Buffer) => void): Promise<Buffer> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let from = 0;
    for (let to = bytes.indexOf(NEWLINE); to >= 0; to = bytes.indexOf(NEWLINE, from)) {
      const rest = bytes.subarray(from, to);
      take(pendingBytes === 0 ? rest : Buffer.concat([...pending, rest]));
      [pending, pendingBytes, from] = [[], 0, to + 1];
    }
    if (from === bytes.length) continue;
    pending.push(bytes.subarray(from));
    pendingBytes += bytes.length - from;
    if (pendingBytes > LINE_BYTES_MAX) throw new SplitFault(`a line is longer than ${LINE_BYTES_MAX} bytes`);
  }
  return Buffer.concat(pending);
}
