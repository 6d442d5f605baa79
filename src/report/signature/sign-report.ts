import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import type { Clock } from '../../clock.js';
import { AppError } from '../../errors.js';
import type { Outcome } from '../../timestamp/authority.js';
import { PdfFile } from '../verify/pdf-file.js';
import { makeCms } from './cms.js';
import { findInvalidity, type SigningIdentity } from './identity.js';
import { CONTENTS_BYTES, signatureUpdate } from './update.js';

export interface SignerOptions {
  identity: SigningIdentity;
  /** Who is asked for a time-stamp over the signature; null: nobody. */
  authority: { stamp(bytes: Buffer): Promise<Outcome> } | null;
  clock: Clock;
}

/** Signs finished reports. */
export class ReportSigner {
  readonly #options: SignerOptions;

  constructor(options: SignerOptions) {
    this.#options = options;
  }

  /**
   * Appends a signature to a report. What the file was before is its beginning still, byte for byte: its hex SHA-256 is resolved
   * with. Throws UNAVAILABLE when it cannot be signed as the settings want it; then the file is as it was.
   */
  async sign(file: string): Promise<string> {
    const { identity, clock } = this.#options;
    const nowMs = clock.now();
    const invalid = findInvalidity(identity, nowMs);
    if (invalid !== null) throw new AppError('UNAVAILABLE', `the report cannot be signed: ${invalid}`);
    const pdf = await PdfFile.open(file);
    const part = await pdf.signedPart().finally(() => pdf.close());
    const claimedAt = new Date(nowMs).toISOString().replaceAll(/\D/g, '').slice(0, 14);
    const empty = '0'.repeat(2 * CONTENTS_BYTES);
    const update = signatureUpdate(part, { claimedAt, contents: empty });
    if (update === null) throw new AppError('INTERNAL', 'the report is not one that could be signed');
    const digest = createHash('sha256');
    for await (const chunk of createReadStream(file)) digest.update(chunk);
    const unsigned = digest.copy().digest('hex');
    digest.update(update.text.slice(0, update.contentsFrom), 'latin1');
    digest.update(update.text.slice(update.contentsTo), 'latin1');
    const cms = await makeCms(digest.digest(), identity, this.#stamp());
    if (cms.length > CONTENTS_BYTES) {
      throw new AppError('UNAVAILABLE', `the report cannot be signed: signature and chain have ${cms.length} bytes`);
    }
    const contents = cms.toString('hex').padEnd(2 * CONTENTS_BYTES, '0');
    const signed = signatureUpdate(part, { claimedAt, contents }) ?? update;
    await fs.appendFile(file, signed.text, { encoding: 'latin1' });
    return unsigned;
  }

  #stamp(): ((value: Buffer) => Promise<Buffer>) | null {
    const { authority } = this.#options;
    if (authority === null) return null;
    return async (value) => {
      const outcome = await authority.stamp(value);
      if (outcome.kind === 'stamped') return outcome.token;
      throw new AppError(
        'UNAVAILABLE',
        `the time-stamping authority gave no token for the signature: ${outcome.reason}`,
      );
    };
  }
}
