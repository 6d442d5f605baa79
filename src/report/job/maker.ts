import { Worker } from 'node:worker_threads';
import { AppError } from '../../errors.js';
import type { MadeReport } from '../make.js';
import type { ReportInput } from '../request.js';

export interface MakerTask {
  input: ReportInput;
  directory: string;
  pdfFile: string;
}

export type MakerMessage = { kind: 'progress'; share: number } | { kind: 'made'; made: MadeReport };

/** What a report of hundreds of thousands of decisions needs, and no more: it is made beside everything else. */
const OLD_GENERATION_MB = 256;

/** Makes a report on a thread of its own: what is received and sealed meanwhile does not wait. Rejects on abort. */
export function makeInThread(
  task: MakerTask,
  { onProgress, signal }: { onProgress: (share: number) => void; signal: AbortSignal },
): Promise<MadeReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./maker-worker.js', import.meta.url), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: OLD_GENERATION_MB },
    });
    const abort = () => void worker.terminate();
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    let made: MadeReport | null = null;
    worker.on('message', (message: MakerMessage) => {
      if (message.kind === 'progress') onProgress(message.share);
      else made = message.made;
    });
    worker.once('error', reject);
    worker.once('exit', () => {
      signal.removeEventListener('abort', abort);
      if (made !== null) resolve(made);
      else reject(new AppError('UNAVAILABLE', 'the report was not finished'));
    });
  });
}
