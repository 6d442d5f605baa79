import { useState } from 'preact/hooks';
import './data-table.css';

export interface Column<Row> {
  name: string;
  title: string;
  isNumber?: boolean;
  /** What rows are put in order by; null comes last. */
  value: (row: Row) => string | number | null;
}

export interface Order {
  by: string;
  isDown: boolean;
}

/** Rows in the order of a column that the reader chooses. */
export function useOrder<Row>(rows: readonly Row[], columns: readonly Column<Row>[], first: Order) {
  const [order, setOrder] = useState(first);
  const column = columns.find(({ name }) => name === order.by);
  const sorted = column === undefined ? [...rows] : [...rows].sort((one, other) => compare(column, order, one, other));
  return { sorted, order, setOrder };
}

function compare<Row>({ value }: Column<Row>, { isDown }: Order, one: Row, other: Row): number {
  const [a, b] = [value(one), value(other)];
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
  const difference = typeof a === 'string' ? a.localeCompare(String(b)) : a - Number(b);
  return isDown ? -difference : difference;
}

export function Headers<Row>({
  columns,
  order,
  onOrder,
}: {
  columns: readonly Column<Row>[];
  order: Order;
  onOrder: (order: Order) => void;
}) {
  return (
    <thead>
      <tr>
        {columns.map(({ name, title, isNumber }) => {
          const isBy = order.by === name;
          const sort = isBy ? ({ 'aria-sort': order.isDown ? 'descending' : 'ascending' } as const) : {};
          return (
            <th key={name} scope="col" class={isNumber ? 'number' : ''} {...sort}>
              <button
                type="button"
                onClick={() => onOrder({ by: name, isDown: isBy ? !order.isDown : isNumber === true })}
              >
                {title}
                {isBy && <span aria-hidden="true">{order.isDown ? ' ↓' : ' ↑'}</span>}
              </button>
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
