import assert from 'node:assert/strict';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../clock.js';
import { createPool, workUnderLease } from '../../db/pool.js';
import { AppError } from '../../errors.js';
import { createLog } from '../../log.js';
import { Compactor } from '../../metric/compactor.js';
import { SliceBook } from '../../metric/write.js';
import { Recorder } from './recorder.js';
import type { RecorderMessage, RecorderRequest, RecorderSetting } from './recorder-thread.js';

/** The recorder's thread: what recorder-thread.ts starts. It owns the connections that seal. */
assert(parentPort, 'this file is run as a worker thread');
const port = parentPort;
const { url, role, epoch, logLevel, cardinality } = workerData as RecorderSetting;
const send = (message: RecorderMessage) => port.postMessage(message);

const log = createLog(logLevel);
const pool = createPool({ url, role, log, connectionsMax: 4 });
workUnderLease(pool, epoch);
const recorder = new Recorder({
  pool,
  writer: new SliceBook(cardinality),
  clock: systemClock,
  announce: (fleet, reached) => send({ kind: 'announce', fleet, reached }),
  observe: (observation) => send({ kind: 'observe', observation }),
});
const compactor = new Compactor(pool, log);
compactor.start();

port.on('message', (request: RecorderRequest) => {
  if (request.kind === 'close') {
    void close();
    return;
  }
  const submitted = request.kind === 'submit' ? recorder.submit(request.batch) : recorder.submitPrepared(request.batch);
  submitted.then(
    (result) => send({ kind: 'recorded', id: request.id, result }),
    (error: unknown) => send({ kind: 'refused', id: request.id, refusal: describe(error) }),
  );
});

async function close(): Promise<void> {
  await recorder.idle();
  await compactor.stop();
  await pool.end();
  port.close();
}

function describe(error: unknown) {
  assert(error instanceof AppError, 'the recorder rejects with AppError only');
  const { code, message, retryAfterS, cause } = error;
  return { code, message, retryAfterS, detail: cause instanceof Error ? cause.message : undefined };
}
