import { readFile, stat } from 'node:fs/promises';
import { AppError } from '../../errors.js';
import { CSV_BYTES_MAX } from './csv.js';

/** The text of a file of figures. Throws VALIDATION_FAILED when it is too large or cannot be read. */
export async function readCsvFile(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size <= CSV_BYTES_MAX) return await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new AppError('VALIDATION_FAILED', `${file}: the file cannot be read (${code})`, { cause });
  }
  throw new AppError('VALIDATION_FAILED', `${file}: larger than ${CSV_BYTES_MAX / 1024 / 1024} MiB: split it by days`);
}
