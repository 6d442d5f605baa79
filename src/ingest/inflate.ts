import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AppError } from '../errors.js';

const inflate = promisify(gunzip);

/** Requests inflated at once: each may grow to the limit, however small it came. */
const INFLATING_MAX = 2;
let inflating = 0;
const waiting: (() => void)[] = [];

/** Telemetry inflates to about a megabyte: in zlib's own 16 KiB pieces that would be sixty trips to the thread pool. */
const CHUNK_BYTES = 512 * 1024;

/**
 * The inflated body, off the main thread. Throws PAYLOAD_TOO_LARGE as soon as it passes `bytesMax`, so that a gzip bomb
 * costs no more memory than an honest request, and VALIDATION_FAILED when it is no gzip.
 */
export async function inflateGzip(body: Buffer, bytesMax: number): Promise<Buffer> {
  await takeSlot();
  try {
    return await inflate(body, { maxOutputLength: bytesMax, chunkSize: CHUNK_BYTES });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new AppError(
        'PAYLOAD_TOO_LARGE',
        `the request inflates to more than ${bytesMax} bytes: send smaller batches`,
      );
    }
    throw new AppError('VALIDATION_FAILED', 'the body is not valid gzip', { cause });
  } finally {
    passSlotOn();
  }
}

async function takeSlot(): Promise<void> {
  if (inflating >= INFLATING_MAX) return new Promise((resolve) => waiting.push(resolve));
  inflating += 1;
}

/** Straight to who waits longest: given back first, it could be taken by who comes just now. */
function passSlotOn(): void {
  const next = waiting.shift();
  if (next) next();
  else inflating -= 1;
}
