import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { formatMoment } from '../figure/format.js';
import { changeSlice } from '../route/slice.js';
import { withNames } from '../text/unseen.js';
import { textScale } from '../theme/scale.js';
import { isDark } from '../theme/theme.js';
import 'uplot/dist/uPlot.min.css';
import './data-table.css';
import './time-chart.css';

export interface Series {
  name: string;
  /** A token of theme/tokens.css. */
  color:
    | '--series-1'
    | '--series-2'
    | '--series-3'
    | '--series-4'
    | '--series-5'
    | '--series-6'
    | '--failed'
    | '--line-strong';
  values: readonly (number | null)[];
  draw?: 'line' | 'bars' | 'dashes' | 'area';
}

export interface TimeChartProps {
  /** What it is of, with its unit: for the table, and for those who do not see it. */
  label: string;
  /** Where each step begins. */
  times: readonly string[];
  series: readonly Series[];
  format: (value: number | null) => string;
  /** Moments to be seen on it, such as a new version. */
  markers?: readonly Marker[];
}

export interface Marker {
  at: string;
  text: string;
}

const NO_MARKERS: readonly Marker[] = [];
const HEIGHT = 180;

/** Figures over time. Dragging over it narrows the time of every screen; its numbers are there as a table too. */
export function TimeChart({ label, times, series, format, markers = NO_MARKERS }: TimeChartProps) {
  const height = HEIGHT * textScale();
  const [isTable, setTable] = useState(false);
  const [at, setAt] = useState<number | null>(null);
  return (
    <figure class="time-chart">
      <figcaption>
        <span class="visually-hidden">{label}</span>
        <ul class="legend">
          {series.map(({ name, color, values, draw }) => (
            <li key={name}>
              <span class={`swatch ${draw ?? 'line'}`} style={{ color: `var(${color})` }} />
              {name}
              {at !== null && <b>{format(values[at] ?? null)}</b>}
            </li>
          ))}
          {at !== null && times[at] !== undefined && <li class="at">{formatMoment(new Date(times[at]))}</li>}
        </ul>
        <button type="button" class="quiet" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
          Table
        </button>
      </figcaption>
      {isTable ? (
        <ChartTable {...{ label, times, series, format, height, markers }} />
      ) : (
        <Canvas {...{ label, times, series, format, height, markers }} onPoint={setAt} />
      )}
    </figure>
  );
}

function ChartTable({ label, times, series, format, height }: Required<TimeChartProps> & { height: number }) {
  return (
    <section class="chart-table table-scroll" style={{ height }} tabIndex={0} aria-label={label}>
      <table class="data-table">
        <thead>
          <tr>
            <th scope="col">From</th>
            {series.map(({ name }) => (
              <th key={name} scope="col" class="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.map((time, index) => (
            <tr key={time}>
              <th scope="row">{formatMoment(new Date(time))}</th>
              {series.map(({ name, values }) => (
                <td key={name} class="number">
                  {format(values[index] ?? null)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

type CanvasProps = Required<TimeChartProps> & { height: number; onPoint: (index: number | null) => void };

function Canvas({ label, times, series, format, height, markers, onPoint }: CanvasProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef({ format, onPoint, markers });
  latest.current = { format, onPoint, markers };
  const data = useMemo(() => toData(times, series), [times, series]);
  const newest = useRef(data);
  newest.current = data;
  const look = `${isDark.value} ${series.map(({ name, draw }) => `${name} ${draw}`).join()}`;
  // The series are drawn anew only when there are others, or other colours
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const made = new uPlot(optionsOf({ series, element, height, latest }), newest.current, element);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [look, height]);
  useEffect(() => plot.current?.setData(data), [data, markers]);
  return (
    <div ref={box} class="canvas" role="img" aria-label={`${label}: ${summarize(series, format)}`} style={{ height }} />
  );
}

function toData(times: readonly string[], series: readonly Series[]): uPlot.AlignedData {
  return [times.map((time) => Date.parse(time) / 1000), ...series.map(({ values }) => [...values])];
}

/** What the picture shows, in words. */
function summarize(series: readonly Series[], format: (value: number | null) => string): string {
  const one = ({ name, values }: Series) => {
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return `${name} nothing`;
    return `${name} from ${format(Math.min(...known))} to ${format(Math.max(...known))}, last ${format(known.at(-1) ?? null)}`;
  };
  return series.map(one).join('; ');
}

interface Drawing {
  series: readonly Series[];
  element: HTMLElement;
  height: number;
  latest: { current: Pick<CanvasProps, 'format' | 'onPoint' | 'markers'> };
}

function optionsOf({ series, element, height, latest }: Drawing): uPlot.Options {
  const paint = painterOf(element);
  const scale = textScale();
  const axis = { stroke: paint('--text-quiet'), font: `${11 * scale}px ${getComputedStyle(element).fontFamily}` };
  const ticks = { show: false };
  return {
    width: element.clientWidth,
    height,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: 'time' }, y: false, drag: { x: true, y: false, setScale: false }, points: { size: 6 } },
    scales: { y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.08 : 1] } },
    axes: [
      {
        ...axis,
        ticks,
        grid: { show: false },
        size: 26 * scale,
        gap: 4,
        space: 64 * scale,
        values: (_plot, splits) => splits.map(labelOf),
      },
      {
        ...axis,
        ticks,
        grid: { stroke: paint('--line'), width: 1 },
        size: 60 * scale,
        space: 36 * scale,
        values: (_plot, splits) => splits.map((value) => latest.current.format(value)),
      },
    ],
    series: [{}, ...series.map((one) => drawingOf(one, paint(one.color)))],
    hooks: {
      setCursor: [({ cursor: { idx } }) => latest.current.onPoint(idx ?? null)],
      setSelect: [narrow],
      draw: [(plot) => drawMarkers(plot, latest.current.markers, paint('--text-quiet'))],
    },
  };
}

/** Colours as they are now: a canvas knows no custom properties. */
function painterOf(element: HTMLElement): (token: string) => string {
  return (token) => {
    element.style.color = `var(${token})`;
    const { color } = getComputedStyle(element);
    element.style.color = '';
    return color;
  };
}

const HOUR = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const DAY = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });

function labelOf(atS: number): string {
  const date = new Date(atS * 1000);
  return (date.getHours() === 0 && date.getMinutes() === 0 ? DAY : HOUR).format(date);
}

function drawingOf({ draw = 'line' }: Series, stroke: string): uPlot.Series {
  const points = { size: 4, fill: stroke, filter: alone };
  if (draw === 'bars') {
    const paths = uPlot.paths.bars?.({ size: [0.8, 64], radius: 0.15 });
    return { points: { show: false }, fill: stroke, width: 0, ...(paths === undefined ? {} : { paths }) };
  }
  if (draw === 'dashes') return { points, stroke, width: 1.25, dash: [4, 4] };
  return { points, stroke, width: 1.75, ...(draw === 'area' ? { fill: faint(stroke) } : {}) };
}

/** What no line leads to or from would not be seen. */
function alone(plot: uPlot, series: number): number[] {
  const values = plot.data[series] ?? [];
  return [...values.keys()].filter((at) => values[at] != null && values[at - 1] == null && values[at + 1] == null);
}

function drawMarkers({ ctx, bbox, valToPos }: uPlot, markers: readonly Marker[], color: string): void {
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = color;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.textBaseline = 'top';
  for (const { at, text } of markers) {
    const x = Math.round(valToPos(Date.parse(at) / 1000, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.fillText(withNames(text), x + 4 * devicePixelRatio, bbox.top);
  }
  ctx.restore();
}

function faint(color: string): string {
  return color.replace('rgb(', 'rgba(').replace(')', ', 0.13)');
}

/** Narrows the time of every screen to what was dragged over. */
function narrow(plot: uPlot): void {
  const { left, width } = plot.select;
  if (width < 8) return;
  const [from, to] = [left, left + width].map((x) => new Date(plot.posToVal(x, 'x') * 1000).toISOString());
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (from !== undefined && to !== undefined) changeSlice({ range: { from, to } });
}
