import './sparkline.css';

export interface SparklineProps {
  values: readonly (number | null)[];
  /** What it shows, for those who do not see it. */
  label: string;
}

const WIDTH = 120;
const HEIGHT = 28;
const PAD = 2;

/** The course of a figure, without axes: whether it is as ever. From zero, so that small moves look small. */
export function Sparkline({ values, label }: SparklineProps) {
  const known = values.filter((value) => value !== null);
  const max = Math.max(...known, 0);
  const xOf = (index: number) => (index / Math.max(1, values.length - 1)) * WIDTH;
  const yOf = (value: number) => HEIGHT - PAD - (max === 0 ? 0 : (value / max) * (HEIGHT - 2 * PAD));
  const path = linesOf(values)
    .flatMap((line) =>
      line.map(([index, value], at) => `${at === 0 ? 'M' : 'L'}${round(xOf(index))} ${round(yOf(value))}`),
    )
    .join('');
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path d={path} />
    </svg>
  );
}

/** Where nothing is known, the line is interrupted. */
function linesOf(values: readonly (number | null)[]): [number, number][][] {
  const lines: [number, number][][] = [[]];
  values.forEach((value, index) => {
    if (value === null) lines.push([]);
    else lines.at(-1)?.push([index, value]);
  });
  return lines;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
