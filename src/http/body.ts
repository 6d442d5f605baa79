import type { IncomingMessage } from 'node:http';
import { AppError } from '../errors.js';

/** Bytes of request bodies in memory at once, over all connections; beyond it requests are refused. */
const IN_FLIGHT_BYTES_MAX = 256 * 1024 * 1024;

/** Reads request bodies within bounds: one for each body, one for all of them together. */
export class BodyReader {
  #inFlightBytes = 0;

  /**
   * The body, for as long as `use` takes. Throws PAYLOAD_TOO_LARGE beyond `bytesMax`, whether the length was announced,
   * kept silent or lied about, and UNAVAILABLE when too much is in flight.
   */
  async withBody<T>(request: IncomingMessage, bytesMax: number, use: (body: Buffer) => Promise<T>): Promise<T> {
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > bytesMax) throw tooLarge(bytesMax);
    if (this.#inFlightBytes + announced > IN_FLIGHT_BYTES_MAX) throw tooMuch();
    const held = { bytes: 0 };
    try {
      return await use(await this.#read(request, bytesMax, held));
    } finally {
      this.#inFlightBytes -= held.bytes;
    }
  }

  async #read(request: IncomingMessage, bytesMax: number, held: { bytes: number }): Promise<Buffer> {
    const chunks: Buffer[] = [];
    try {
      // A request that is refused half-way still gets its answer, over the same connection.
      for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        held.bytes += chunk.length;
        this.#inFlightBytes += chunk.length;
        if (held.bytes > bytesMax) throw tooLarge(bytesMax);
        if (this.#inFlightBytes > IN_FLIGHT_BYTES_MAX) throw tooMuch();
        chunks.push(chunk);
      }
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      throw new AppError('VALIDATION_FAILED', 'the connection ended before the body did', { cause });
    }
    return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  }
}

function tooMuch(): AppError {
  return new AppError('UNAVAILABLE', 'too much is in flight: try again', { retryAfterS: 1 });
}

function tooLarge(bytesMax: number): AppError {
  return new AppError('PAYLOAD_TOO_LARGE', `the body is larger than ${bytesMax} bytes: send smaller batches`);
}
