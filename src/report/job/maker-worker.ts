import { parentPort, workerData } from 'node:worker_threads';
import { makeReport } from '../make.js';
import type { MakerMessage, MakerTask } from './maker.js';

const tell = (message: MakerMessage) => parentPort?.postMessage(message);

const made = await makeReport({
  ...(workerData as MakerTask),
  onProgress: (share) => tell({ kind: 'progress', share }),
});
tell({ kind: 'made', made });
