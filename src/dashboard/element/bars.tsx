import type { ComponentChildren } from 'preact';
import './bars.css';

export interface Bar {
  key: string;
  name: ComponentChildren;
  /** 0 to 1 of the whole. */
  share: number;
  value: string;
  isFailed?: boolean;
}

/** Parts of a whole, each with its name and its number. */
export function Bars({ bars, label }: { bars: readonly Bar[]; label: string }) {
  const most = Math.max(...bars.map(({ share }) => share), Number.MIN_VALUE);
  return (
    <ul class="bars" aria-label={label}>
      {bars.map(({ key, name, share, value, isFailed }) => (
        <li key={key}>
          <span class="bar-name">{name}</span>
          <span class="bar-track" aria-hidden="true">
            <span class={isFailed ? 'failed' : ''} style={{ width: `${(share / most) * 100}%` }} />
          </span>
          <span class="number">{value}</span>
        </li>
      ))}
    </ul>
  );
}
