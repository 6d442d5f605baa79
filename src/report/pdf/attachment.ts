import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createDeflate } from 'node:zlib';

/** A file that lies in the PDF as an associated file (PDF/A-3, ISO 19005-3 clause 6.8). */
export interface Attachment {
  /** ASCII, unique in the document. */
  name: string;
  mediaType: string;
  description: string;
  /** What it is to the pages: what they were made from, the figures they show, or more than they show. */
  relationship: 'Source' | 'Data' | 'Supplement';
  /** Where it lies now. */
  file: string;
}

/** What pdfkit's own `file` works with; its type declarations leave it out. */
interface Internals {
  _offset: number;
  _root: { data: { AF?: unknown[] } };
  ref(data: object): Reference;
  push(chunk: Buffer): boolean;
  _refEnd(reference: Reference): void;
  addNamedEmbeddedFile(name: string, filespec: Reference): void;
  readableLength: number;
}

interface Reference {
  id: number;
  offset?: number;
  end(): void;
  toString(): string;
}

/** So much may wait for whoever writes the PDF to its place. */
const WAITING_BYTES_MAX = 1024 * 1024;

/**
 * Embeds a file of any size in constant memory: pdfkit's own `file` wants it whole. The object is written as it is read, its
 * lengths and checksum in objects after it. The document must be open, with its reader running.
 */
export async function embedFile(document: PDFKit.PDFDocument, attachment: Attachment): Promise<void> {
  const internals = document as unknown as Internals;
  const length = internals.ref({});
  const parameters = internals.ref({});
  const stream = internals.ref({});
  const subtype = attachment.mediaType.replace('/', '#2F');
  stream.offset = internals._offset;
  const write = (bytes: Buffer) => {
    internals.push(bytes);
    internals._offset += bytes.length;
  };
  write(
    Buffer.from(
      `${stream.id} 0 obj\n<<\n/Type /EmbeddedFile\n/Subtype /${subtype}\n/Params ${parameters}\n/Filter /FlateDecode\n` +
        `/Length ${length}\n>>\nstream\n`,
    ),
  );
  const { compressed, size, md5 } = await deflateInto(attachment.file, write, async () => {
    while (internals.readableLength > WAITING_BYTES_MAX) await new Promise((resolve) => setImmediate(resolve));
  });
  write(Buffer.from('\nendstream\nendobj\n'));
  internals._refEnd(stream);
  writeObject(internals, write, length, String(compressed));
  writeObject(internals, write, parameters, `<<\n/Size ${size}\n/CheckSum <${md5}>\n>>`);
  const filespec = internals.ref({
    Type: 'Filespec',
    AFRelationship: attachment.relationship,
    F: new String(attachment.name),
    UF: new String(attachment.name),
    Desc: new String(attachment.description),
    EF: { F: stream, UF: stream },
  });
  filespec.end();
  internals.addNamedEmbeddedFile(attachment.name, filespec);
  internals._root.data.AF = [...(internals._root.data.AF ?? []), filespec];
}

function writeObject(internals: Internals, write: (bytes: Buffer) => void, reference: Reference, body: string): void {
  reference.offset = internals._offset;
  write(Buffer.from(`${reference.id} 0 obj\n${body}\nendobj\n`));
  internals._refEnd(reference);
}

async function deflateInto(
  file: string,
  write: (bytes: Buffer) => void,
  settle: () => Promise<void>,
): Promise<{ compressed: number; size: number; md5: string }> {
  // The checksum that PDF defines is MD5 (ISO 32000-1 table 46): it tells of damage, and nothing here trusts it.
  const digest = createHash('md5');
  const deflate = createDeflate();
  let compressed = 0;
  let size = 0;
  const feed = async () => {
    for await (const chunk of createReadStream(file)) {
      size += chunk.length;
      digest.update(chunk);
      if (!deflate.write(chunk)) await once(deflate, 'drain');
    }
    deflate.end();
  };
  const fed = feed().catch((error: Error) => void deflate.destroy(error));
  for await (const chunk of deflate) {
    compressed += chunk.length;
    write(chunk);
    await settle();
  }
  await fed;
  return { compressed, size, md5: digest.digest('hex') };
}
