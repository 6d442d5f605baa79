import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import './virtual-list.css';

export interface VirtualListProps {
  count: number;
  /** Of every row, in pixels. */
  rowPx: number;
  label: string;
  row: (index: number) => ComponentChildren;
  /** Called when the end is near. */
  onEnd?: () => void;
  /** Called with whether the beginning is on the screen. */
  onTop?: (isAtTop: boolean) => void;
  class?: string;
}

const MARGIN_ROWS = 12;

/** A list of which only what is on the screen exists, however long it is. Rows are all of one height. */
export function VirtualList({ count, rowPx, label, row, onEnd, onTop, class: name = '' }: VirtualListProps) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ topPx: 0, heightPx: 800 });
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const look = () => {
      const next = { topPx: element.scrollTop, heightPx: element.clientHeight };
      setView((before) => (before.topPx === next.topPx && before.heightPx === next.heightPx ? before : next));
      onTop?.(next.topPx < rowPx);
    };
    look();
    element.addEventListener('scroll', look, { passive: true });
    const resized = new ResizeObserver(look);
    resized.observe(element);
    return () => {
      element.removeEventListener('scroll', look);
      resized.disconnect();
    };
  }, [rowPx, onTop]);
  const first = Math.max(0, Math.floor(view.topPx / rowPx) - MARGIN_ROWS);
  const end = Math.min(count, Math.ceil((view.topPx + view.heightPx) / rowPx) + MARGIN_ROWS);
  const isNearEnd = end >= count - MARGIN_ROWS;
  useEffect(() => {
    if (isNearEnd) onEnd?.();
  }, [isNearEnd, count]);
  return (
    <div ref={box} class={`virtual-list ${name}`} role="list" aria-label={label} tabIndex={0}>
      <div class="all" role="presentation" style={{ height: `${count * rowPx}px` }}>
        {Array.from({ length: Math.max(0, end - first) }, (_, offset) => {
          const index = first + offset;
          return (
            <div
              key={index}
              role="listitem"
              aria-setsize={count}
              aria-posinset={index + 1}
              class="item"
              style={{ height: `${rowPx}px`, transform: `translateY(${index * rowPx}px)` }}
            >
              {row(index)}
            </div>
          );
        })}
      </div>
    </div>
  );
}
