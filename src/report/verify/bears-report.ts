import { createReadStream } from 'node:fs';
import { INPUT_NAME } from '../make.js';

/** As the name of an attachment stands in a file of ours, outside of what is packed. */
const MARK = `/UF (${INPUT_NAME})`;

/** Whether a file has in it what makes a PDF a report, however broken it is. */
export async function bearsReport(file: string): Promise<boolean> {
  let before = '';
  for await (const chunk of createReadStream(file, { encoding: 'latin1' })) {
    const text = before + chunk;
    if (text.includes(MARK)) return true;
    before = text.slice(-MARK.length);
  }
  return false;
}
