import { Sparkline } from '../element/sparkline.js';
import './tile.css';

export interface TileProps {
  title: string;
  value: string;
  /** How it compares with the same length of time before; null: there is nothing to compare with. */
  change: string | null;
  /** Whether that is worse, where one of the two directions is. */
  isWorse?: boolean;
  course?: readonly (number | null)[];
}

/** One figure, what it was before, and its course. */
export function Tile({ title, value, change, isWorse = false, course }: TileProps) {
  return (
    <div class="tile">
      <dt>{title}</dt>
      <dd>
        <span class="value">{value}</span>
        {change !== null && (
          <span class={isWorse ? 'change worse' : 'change'} title="Compared with the same length of time before">
            {isWorse && <span class="visually-hidden">Worse: </span>}
            {change}
          </span>
        )}
        {course !== undefined && <Sparkline values={course} label={`Course of ${title.toLowerCase()}`} />}
      </dd>
    </div>
  );
}
