import { createHash, type Hash } from 'node:crypto';
import fs, { type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createInflate } from 'node:zlib';
import type { SignedPart } from '../signature/update.js';
import { PdfFault, type PdfValue, parsePdfValue, pdfText } from './pdf-value.js';

/** An object: its value, and where its stream lies if it has one. */
interface PdfObject {
  value: PdfValue;
  stream: { from: number; length: number } | null;
}

const TAIL_BYTES = 256;
const TABLE_BYTES_MAX = 40_000_000;
const OBJECT_BYTES_MAX = 4_000_000;
const ATTACHMENTS_MAX = 64;
/** Deflate packs a thousand to one at most; what our files hold packs fifty to one. */
const EXPANSION_MAX = 200;
const EXPANDED_ALWAYS = 16 * 1024 * 1024;

/**
 * A PDF as this program writes it: one table of objects at its end, nothing after it, no revisions. Whatever is otherwise is a
 * fault, so that no reader sees another file in it than this one does. Nothing of it is held but what is looked at.
 */
export class PdfFile {
  readonly #handle: FileHandle;
  /** By id; 0 where there is none. */
  readonly #offsets: readonly number[];
  /** Where each object ends, by where it begins. */
  readonly #ends: ReadonlyMap<number, number>;
  readonly #table: Table;

  private constructor(handle: FileHandle, table: Table) {
    this.#handle = handle;
    this.#offsets = table.offsets;
    this.#table = table;
    const sorted = [...table.offsets.slice(1), table.tableAt].sort((left, right) => left - right);
    this.#ends = new Map(sorted.slice(0, -1).map((from, index) => [from, sorted[index + 1] as number]));
  }

  /** Throws PdfFault for what is no such file. `length`: where the PDF ends, if something follows that the caller checks. */
  static async open(file: string, length?: number): Promise<PdfFile> {
    const handle = await fs.open(file, 'r');
    try {
      return new PdfFile(handle, await readTable(handle, length ?? (await handle.stat()).size));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /** What a signature that is appended to it builds on. */
  async signedPart(): Promise<SignedPart> {
    const { length, tableAt, root, trailer } = this.#table;
    const catalog = await this.#dictionary(root, 'Catalog');
    const kids = (await this.#map(catalog.get('Pages')))?.get('Kids');
    const page = Array.isArray(kids) ? kids[0] : undefined;
    if (!isReference(page)) throw new PdfFault('it has no pages');
    await this.#dictionary(page.id, 'Page');
    return {
      length,
      tableAt,
      objects: this.#offsets.length,
      root,
      catalog: await this.#text(root),
      firstPage: { id: page.id, text: await this.#text(page.id) },
      trailer,
    };
  }

  /** An object without a stream as it stands there. */
  async #text(id: number): Promise<string> {
    const from = this.#offsets[id] ?? 0;
    const bytes = await readAt(this.#handle, from, (this.#ends.get(from) ?? from) - from);
    return bytes.toString('latin1', `${id} 0 obj\n`.length, bytes.length - OBJECT_END.length);
  }

  /** Names of what is embedded, with the object of each stream. */
  async attachments(): Promise<ReadonlyMap<string, number>> {
    const root = await this.#dictionary(this.#table.root, 'Catalog');
    const names = await this.#map(root.get('Names'));
    const tree = await this.#map(names?.get('EmbeddedFiles'));
    const list = tree?.get('Names');
    const found = new Map<string, number>();
    if (!Array.isArray(list)) return found;
    if (list.length > 2 * ATTACHMENTS_MAX) throw new PdfFault('it has too many attachments');
    for (let at = 0; at + 1 < list.length; at += 2) {
      const name = pdfText(list[at]);
      const filespec = await this.#map(list[at + 1]);
      const file = (await this.#map(filespec?.get('EF')))?.get('F');
      if (name === null || name !== pdfText(filespec?.get('UF')) || !isReference(file) || found.has(name)) {
        throw new PdfFault('an attachment is not named as it should be');
      }
      found.set(name, file.id);
    }
    return found;
  }

  /** Writes what is embedded in a stream to wherever `take` puts it. Throws PdfFault when it is more than it can be. */
  async extract(id: number, take: (chunk: Buffer) => Promise<void>): Promise<void> {
    const { value, stream } = await this.#object(id);
    if (stream === null || !(value instanceof Map)) throw new PdfFault('an attachment has no content');
    await this.#inflate(stream, { isPacked: isPacked(value), take });
  }

  /**
   * Hex SHA-256 of everything the file holds, whatever program packed its streams: of each object its value without lengths, and
   * its stream unpacked.
   */
  async contentDigest(): Promise<string> {
    const digest = createHash('sha256');
    for (let id = 1; id < this.#offsets.length; id += 1) await this.#digestObject(id, digest);
    return digest.digest('hex');
  }

  async #digestObject(id: number, digest: Hash): Promise<void> {
    const { value, stream } = await this.#object(id);
    // The length of an attachment is an object of its own, and all such an object says.
    if (isNumber(value)) return;
    if (value instanceof Map && isNumber(value.get('Length'))) value.delete('Length');
    digest.update(`${id} ${describe(value)}\n`);
    if (stream === null) return;
    const take = async (chunk: Buffer) => void digest.update(chunk);
    await this.#inflate(stream, { isPacked: value instanceof Map && isPacked(value), take });
  }

  async #inflate(
    { from, length }: { from: number; length: number },
    { isPacked: packed, take }: { isPacked: boolean; take: (chunk: Buffer) => Promise<void> },
  ): Promise<void> {
    const chunks = readChunks(this.#handle, from, length);
    if (!packed) {
      for await (const chunk of chunks) await take(chunk);
      return;
    }
    let left = length * EXPANSION_MAX + EXPANDED_ALWAYS;
    const takeAll = async (unpacked: AsyncIterable<Buffer>) => {
      for await (const chunk of unpacked) {
        left -= chunk.length;
        if (left < 0) throw new PdfFault('a stream unpacks to more than any of ours');
        await take(chunk);
      }
    };
    try {
      await pipeline(chunks, createInflate(), takeAll);
    } catch (error) {
      if (isZlibError(error)) throw new PdfFault('a stream cannot be unpacked');
      throw error;
    }
  }

  async #dictionary(id: number, type: string): Promise<Map<string, PdfValue>> {
    const { value } = await this.#object(id);
    const named = value instanceof Map ? value.get('Type') : undefined;
    if (value instanceof Map && isName(named) && named.name === type) return value;
    throw new PdfFault(`object ${id} is no ${type}`);
  }

  async #map(value: PdfValue | undefined): Promise<Map<string, PdfValue> | null> {
    const found = isReference(value) ? (await this.#object(value.id)).value : value;
    return found instanceof Map ? found : null;
  }

  async #object(id: number): Promise<PdfObject> {
    const from = this.#offsets[id];
    if (from === undefined || from === 0) throw new PdfFault(`there is no object ${id}`);
    const end = this.#ends.get(from) ?? from;
    const bytes = await readAt(this.#handle, from, Math.min(end - from, OBJECT_BYTES_MAX));
    const head = `${id} 0 obj\n`;
    if (bytes.toString('latin1', 0, head.length) !== head) throw new PdfFault(`object ${id} is not where it should be`);
    const { value, end: valueEnd } = parsePdfValue(bytes.subarray(head.length));
    const after = head.length + valueEnd;
    const rest = bytes.subarray(after, after + STREAM_START.length).toString('latin1');
    if (rest !== STREAM_START) {
      if (bytes.subarray(after).toString('latin1') !== OBJECT_END)
        throw new PdfFault(`object ${id} does not end where it should`);
      return { value, stream: null };
    }
    const start = from + after + STREAM_START.length;
    const length = await this.#lengthOf(value);
    await this.#requireStreamEnd(start + length, end, id);
    return { value, stream: { from: start, length } };
  }

  async #lengthOf(value: PdfValue): Promise<number> {
    const length = value instanceof Map ? value.get('Length') : undefined;
    const found = isReference(length) ? (await this.#object(length.id)).value : length;
    if (isNumber(found) && Number.isSafeInteger(found.value) && found.value >= 0) return found.value;
    throw new PdfFault('a stream has no length');
  }

  async #requireStreamEnd(at: number, end: number, id: number): Promise<void> {
    const bytes = at < end && end - at <= STREAM_END_MAX ? await readAt(this.#handle, at, end - at) : Buffer.alloc(0);
    if (!/^\n{0,2}endstream\nendobj\n$/.test(bytes.toString('latin1'))) {
      throw new PdfFault(`the stream of object ${id} does not end where it should`);
    }
  }
}

const CHUNK_BYTES = 65_536;
const HEADER = Buffer.from('%PDF-1.7\n%\u00ff\u00ff\u00ff\u00ff\n', 'latin1');
const STREAM_START = '\nstream\n';
const OBJECT_END = '\nendobj\n';
const STREAM_END_MAX = 64;

interface Table {
  /** Of the whole PDF, in bytes. */
  length: number;
  /** By id; 0 where there is none. */
  offsets: readonly number[];
  tableAt: number;
  root: number;
  /** The trailer's dictionary as it stands there. */
  trailer: string;
}

async function readTable(handle: FileHandle, size: number): Promise<Table> {
  const tail = (await readAt(handle, Math.max(0, size - TAIL_BYTES), Math.min(size, TAIL_BYTES))).toString('latin1');
  const [, start] = /\nstartxref\n(\d{1,15})\n%%EOF\n$/.exec(tail) ?? [];
  const tableAt = Number(start ?? Number.NaN);
  if (!(tableAt > 0 && tableAt < size)) throw new PdfFault('it does not end as a PDF of ours');
  if (size - tableAt > TABLE_BYTES_MAX) throw new PdfFault('its table of objects is larger than any of ours');
  const text = (await readAt(handle, tableAt, size - tableAt)).toString('latin1');
  const [head, count = ''] = /^xref\n0 (\d{1,7})\n0000000000 65535 f \n/.exec(text) ?? [];
  if (head === undefined) throw new PdfFault('its table of objects is not as ours');
  const offsets = [0];
  let at = head.length;
  for (; offsets.length < Number(count); at += 20) {
    const [, offset] = /^(\d{10}) 00000 n \n$/.exec(text.slice(at, at + 20)) ?? [];
    if (offset === undefined || Number(offset) >= tableAt || Number(offset) === 0)
      throw new PdfFault('its table of objects is not as ours');
    offsets.push(Number(offset));
  }
  if (new Set(offsets).size !== offsets.length) throw new PdfFault('two objects lie in one place');
  if (!text.startsWith('trailer\n', at)) throw new PdfFault('it has no trailer after its table');
  const trailer = Buffer.from(text.slice(at + 'trailer\n'.length), 'latin1');
  const { value, end } = parsePdfValue(trailer);
  if (trailer.toString('latin1', end) !== `\nstartxref\n${tableAt}\n%%EOF\n`)
    throw new PdfFault('something stands after its trailer');
  const isHeaded = (await readAt(handle, 0, HEADER.length)).equals(HEADER);
  if (!isHeaded || !offsets.includes(HEADER.length)) throw new PdfFault('it does not begin as a PDF of ours');
  const root = value instanceof Map ? value.get('Root') : undefined;
  if (!(value instanceof Map) || !isReference(root)) throw new PdfFault('its trailer names no root');
  for (const key of ['Prev', 'XRefStm', 'Encrypt']) {
    if (value.has(key)) throw new PdfFault('it was revised or encrypted after it was made');
  }
  return { length: size, offsets, tableAt, root: root.id, trailer: trailer.toString('latin1', 0, end) };
}

async function* readChunks(handle: FileHandle, from: number, length: number): AsyncGenerator<Buffer> {
  for (let done = 0; done < length; done += CHUNK_BYTES) {
    yield await readAt(handle, from + done, Math.min(CHUNK_BYTES, length - done));
  }
}

async function readAt(handle: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, from);
  if (bytesRead !== length) throw new PdfFault('it breaks off');
  return bytes;
}

function isNumber(value: PdfValue | undefined): value is { kind: 'number'; value: number } {
  return value !== undefined && !Array.isArray(value) && !(value instanceof Map) && value.kind === 'number';
}

function isReference(value: PdfValue | undefined): value is { kind: 'reference'; id: number } {
  return value !== undefined && !Array.isArray(value) && !(value instanceof Map) && value.kind === 'reference';
}

function isName(value: PdfValue | undefined): value is { kind: 'name'; name: string } {
  return value !== undefined && !Array.isArray(value) && !(value instanceof Map) && value.kind === 'name';
}

function isPacked(value: Map<string, PdfValue>): boolean {
  const filter = value.get('Filter');
  if (filter === undefined) return false;
  if (isName(filter) && filter.name === 'FlateDecode') return true;
  throw new PdfFault('a stream is packed in a way that ours are not');
}

function describe(value: PdfValue): string {
  if (Array.isArray(value)) return `[${value.map(describe).join(' ')}]`;
  if (value instanceof Map) return `<<${[...value].map(([key, each]) => `/${key} ${describe(each)}`).join(' ')}>>`;
  return value.kind === 'text' ? `(${value.bytes.toString('hex')})` : JSON.stringify(value);
}

function isZlibError(error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith('Z_');
}
