import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { rankSuspects } from '../src/detect/root-cause/blame.js';
import { rankCauses } from '../src/detect/root-cause/rank-causes.js';
import { onlineBoutiqueSymptoms } from './cascades/online-boutique.js';
import { readTrainTicket } from './cascades/train-ticket.js';

const DATA_DIR = path.resolve(import.meta.dirname, '../../shared/data/rca/data');
const GOAL = 0.6;

export interface RootCauseCase {
  id: string;
  day: string;
  /** Seconds since the epoch; only of Online Boutique. */
  inject_timestamp?: number;
  root_cause: string;
  fault_type: string;
}

/**
 * Ranks the services of every injected fault and prints the shares of faults whose service came first, among three and
 * among five, as the set's scorer counts them. `--cases` names each case that was missed.
 */
export async function run(args: readonly string[]): Promise<void> {
  const at = args.indexOf('--data');
  const directory = at < 0 ? DATA_DIR : dataDirectory(path.resolve(args[at + 1] ?? '.'));
  if (!existsSync(path.join(directory, 'cases.json'))) {
    process.stdout.write(`no data in ${directory}\n`);
    return;
  }
  const cases: RootCauseCase[] = JSON.parse(readFileSync(path.join(directory, 'cases.json'), 'utf8'));
  const trainTicket = readTrainTicket(directory);
  const results = new Map<string, number[]>();
  for (const wanted of cases) {
    const isTrainTicket = wanted.id.startsWith('tt');
    const suspects = isTrainTicket
      ? trainTicket.rank(wanted, rankCauses)
      : rankSuspects(onlineBoutiqueSymptoms(directory, wanted));
    const place = suspects.findIndex(({ doer }) => doer === wanted.root_cause) + 1;
    const system = isTrainTicket ? 'TrainTicket' : 'OnlineBoutique';
    for (const group of [system, `${system} / ${wanted.fault_type}`]) {
      results.set(group, [...(results.get(group) ?? []), place]);
    }
    if (place !== 1 && args.includes('--cases')) {
      const first = suspects.slice(0, 3).map(({ doer, score }) => `${doer} ${score.toFixed(2)}`);
      process.stdout.write(
        `${wanted.id} ${wanted.fault_type} of ${wanted.root_cause}: place ${place} after ${first.join(', ')}\n`,
      );
    }
  }
  print(results);
}

/** The folder itself, or its `data`. */
function dataDirectory(given: string): string {
  return existsSync(path.join(given, 'cases.json')) ? given : path.join(given, 'data');
}

function print(results: ReadonlyMap<string, readonly number[]>): void {
  process.stdout.write(
    `${'system'.padEnd(36)}    n   AS@1   AS@3   AS@5    MRR   (goal: AS@1 of both at least ${GOAL})\n`,
  );
  for (const [group, places] of [...results].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const within = (most: number) => places.filter((place) => place > 0 && place <= most).length / places.length;
    const mrr = places.reduce((sum, place) => sum + (place === 0 ? 0 : 1 / place), 0) / places.length;
    const figures = [within(1), within(3), within(5), mrr].map((figure) => figure.toFixed(3).padStart(6));
    process.stdout.write(`${group.padEnd(36)} ${String(places.length).padStart(4)} ${figures.join(' ')}\n`);
  }
}
