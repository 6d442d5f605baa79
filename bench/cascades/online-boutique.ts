import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { excessOver, medianOf } from '../../src/detect/root-cause/excess.js';
import type { Symptom } from '../../src/detect/root-cause/symptom.js';

/** One row a minute and, in the services' figures, a service. */
interface Row {
  service: string;
  atS: number;
  values: ReadonlyMap<string, number>;
}

interface Figures {
  services: Row[];
  /** Median latencies of calls by `caller_callee`, seconds, as the caller and as the callee saw them. */
  callers: Row[];
  callees: Row[];
}

/** The usual ones are the last 40 minutes before the fault; it shows in the 4 after. */
const USUAL_ROWS = 40;
const NOW_S = 240;
/** Figures of the minute in which the fault was made may show it already. */
const MARGIN_S = 30;
const USUAL_ROWS_MIN = 4;
const NOW_ROWS_MIN = 2;
const SLOT_S = 60;

const SERVER_LATENCY = 'PodServerLatencyP90(s)';
const RESOURCES = ['CpuUsage(m)', 'MemoryUsage(Mi)'];

const read = new Map<string, Figures>();

/** What was more than usual after the fault, from the metrics of services and of the calls between them. */
export function onlineBoutiqueSymptoms(
  directory: string,
  { day, inject_timestamp: atS = 0 }: { day: string; inject_timestamp?: number },
): Symptom[] {
  const { services, callers, callees } = figuresUpTo(directory, day);
  const calleeAt = new Map(callees.map(({ atS: slotS, values }) => [slotOf(slotS), values]));
  const callerAt = new Map(callers.map(({ atS: slotS, values }) => [slotOf(slotS), values]));
  const edges = [...new Set(callers.flatMap(({ values }) => [...values.keys()]))];
  const compare = (about: Omit<Symptom, 'excess' | 'observations' | 'usual' | 'now'>, series: Point[]) =>
    symptomOf(about, series, atS);
  const gaps = edges.flatMap((edge) => {
    const [doer = '', callee = ''] = edge.split('_');
    const series = callers.flatMap(({ atS: slotS, values }) => {
      const outer = values.get(edge);
      const inner = calleeAt.get(slotOf(slotS))?.get(edge);
      return outer === undefined || inner === undefined ? [] : [{ atS: slotS, value: 1_000 * (outer - inner) }];
    });
    return compare({ kind: 'GAP', doer, callee, operation: edge }, series);
  });
  const own = [...new Set(services.map(({ service }) => service))].flatMap((doer) => {
    const rows = services.filter(({ service }) => service === doer);
    const called = edges.filter((edge) => edge.startsWith(`${doer}_`));
    const latency = pointsOf(rows, SERVER_LATENCY).map(({ atS: slotS, value }) => {
      const waits = called.map((edge) => callerAt.get(slotOf(slotS))?.get(edge) ?? 0);
      return { atS: slotS, value: 1_000 * (value - Math.max(0, ...waits)) };
    });
    return [
      ...compare({ kind: 'OWN_TIME', doer, callee: null, operation: SERVER_LATENCY }, latency),
      ...RESOURCES.flatMap((operation) =>
        compare({ kind: 'RESOURCE', doer, callee: null, operation }, pointsOf(rows, operation)),
      ),
    ];
  });
  return [...gaps, ...own];
}

interface Point {
  atS: number;
  value: number;
}

function pointsOf(rows: readonly Row[], column: string): Point[] {
  return rows.flatMap(({ atS, values }) => {
    const value = values.get(column);
    return value === undefined ? [] : [{ atS, value }];
  });
}

function symptomOf(
  about: Omit<Symptom, 'excess' | 'observations' | 'usual' | 'now'>,
  series: readonly Point[],
  faultS: number,
): Symptom[] {
  const usual = series
    .filter(({ atS }) => atS < faultS - MARGIN_S)
    .slice(-USUAL_ROWS)
    .map(({ value }) => value);
  const now = series.filter(({ atS }) => atS >= faultS && atS <= faultS + NOW_S).map(({ value }) => value);
  if (usual.length < USUAL_ROWS_MIN || now.length < NOW_ROWS_MIN) return [];
  const excess = excessOver(usual, now, 1);
  return [{ ...about, excess, observations: now.length, usual: medianOf(usual), now: medianOf(now) }];
}

function slotOf(atS: number): number {
  return Math.round(atS / SLOT_S);
}

/** Of the day, with those of the day before: what is usual early in a day was seen then. */
function figuresUpTo(directory: string, day: string): Figures {
  const known = read.get(day);
  if (known !== undefined) return known;
  const before = new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);
  const days = [before, day];
  const rowsOf = (name: string) =>
    days.flatMap((each) => readRows(path.join(directory, `onlineboutique_${name}_${each}.csv.gz`)));
  const figures = { services: rowsOf('metrics'), callers: rowsOf('source_50'), callees: rowsOf('destination_50') };
  read.set(day, figures);
  return figures;
}

function readRows(file: string): Row[] {
  if (!existsSync(file)) return [];
  const [head = '', ...lines] = gunzipSync(readFileSync(file)).toString().trim().split(/\r?\n/);
  const columns = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    const row = columns.map((column, index) => [column, cells[index] ?? ''] as const);
    const textOf = (name: string) => row.find(([column]) => column.toLowerCase() === name)?.[1] ?? '';
    const values = row.filter(([column, cell]) => !NOT_FIGURES.has(column.toLowerCase()) && cell.trim() !== '');
    return {
      service: textOf('service'),
      atS: Number(textOf('timestamp')),
      values: new Map(
        values.map(([column, cell]) => [column, Number(cell)] as const).filter(([, value]) => Number.isFinite(value)),
      ),
    };
  });
}

const NOT_FIGURES = new Set(['service', 'timestamp', 'time']);
