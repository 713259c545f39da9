// A scrolling list that keeps only the visible rows in the page: smooth with a hundred thousand of them. Arrows, Page
// Up/Down, Home and End move the chosen row.
// biome-ignore-all lint/a11y/useSemanticElements: rows that are placed by hand cannot be those of a table element
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid around the rows holds the focus and names the chosen one
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import classes from './virtual-rows.module.css';

/** The rows below a table's head. `active` is the index of the chosen row, -1 for none. */
export function VirtualRows<Row>(properties: {
  readonly rows: readonly Row[];
  readonly rowHeight: number;
  readonly rowKey: (row: Row) => string;
  readonly renderRow: (row: Row) => ReactNode;
  readonly columns: string;
  readonly label: string;
  readonly head: ReactNode;
  readonly active?: number;
  readonly total?: number;
  readonly onActivate?: (row: Row) => void;
  /** Called when the end of the known rows comes near. */
  readonly onNearEnd?: () => void;
  /** Called when the reader leaves or reaches the very top. */
  readonly onTop?: (atTop: boolean) => void;
  readonly scrollRef?: RefObject<HTMLDivElement | null>;
  readonly footer?: ReactNode;
}) {
  const {
    rows,
    rowHeight,
    rowKey,
    renderRow,
    columns,
    label,
    head,
    active = -1,
    total,
    onActivate,
    onNearEnd,
    onTop,
    footer,
  } = properties;
  const ownRef = useRef<HTMLDivElement>(null);
  const scroll = properties.scrollRef ?? ownRef;
  const id = useId();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    getItemKey: (index) => rowKey(rows[index] as Row),
    initialRect: { width: 800, height: 600 },
  });
  const [gutter, setGutter] = useState(0);
  // The head stands beside the scrollbar of the rows, not above it.
  useLayoutEffect(() => {
    const element = scroll.current;
    if (element !== null) setGutter(element.offsetWidth - element.clientWidth);
  });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;

  useEffect(() => {
    if (rows.length > 0 && lastShown >= rows.length - 40) onNearEnd?.();
  }, [lastShown, rows.length, onNearEnd]);

  const move = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / rowHeight) - 1);
    const next = nextIndex(event.key, active, rows.length, page);
    const row = next === undefined ? undefined : rows[next];
    if (next === undefined || row === undefined) return;
    event.preventDefault();
    virtual.scrollToIndex(next);
    onActivate?.(row);
  };

  return (
    <div
      className={classes.table}
      role="grid"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
      onKeyDown={onActivate === undefined ? undefined : move}
      aria-rowcount={(total ?? rows.length) + 1}
      style={{ '--columns': columns } as React.CSSProperties}
    >
      <div className={classes.head} role="rowgroup" style={{ paddingRight: gutter }}>
        <div className={classes.row} role="row" tabIndex={-1}>
          {head}
        </div>
      </div>
      <div
        className={classes.scroll}
        ref={scroll}
        role="rowgroup"
        onScroll={(event) => onTop?.(event.currentTarget.scrollTop < rowHeight)}
      >
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return undefined;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the list around the rows
              <div
                key={item.key}
                id={`${id}-${item.index}`}
                className={classes.row}
                role="row"
                aria-rowindex={item.index + 2}
                aria-selected={onActivate === undefined ? undefined : item.index === active}
                data-pressable={onActivate !== undefined}
                style={{ height: rowHeight, transform: `translateY(${item.start}px)`, position: 'absolute' }}
                onClick={onActivate === undefined ? undefined : () => onActivate(row)}
              >
                {renderRow(row)}
              </div>
            );
          })}
        </div>
        {footer}
      </div>
    </div>
  );
}

function nextIndex(key: string, active: number, count: number, page: number): number | undefined {
  const clamp = (index: number) => Math.min(count - 1, Math.max(0, index));
  switch (key) {
    case 'ArrowDown':
      return clamp(active + 1);
    case 'ArrowUp':
      return clamp(active - 1);
    case 'PageDown':
      return clamp(active + page);
    case 'PageUp':
      return clamp(active - page);
    case 'Home':
      return clamp(0);
    case 'End':
      return clamp(count - 1);
    default:
      return undefined;
  }
}

/** One cell; `align` puts numbers to the right. */
export function Cell(properties: {
  readonly children?: ReactNode;
  readonly align?: 'start' | 'end';
  readonly mono?: boolean;
  readonly quiet?: boolean;
  readonly title?: string | undefined;
}) {
  const { children, align = 'start', mono = false, quiet = false, title } = properties;
  return (
    <div role="gridcell" className={classes.cell} data-align={align} data-mono={mono} data-quiet={quiet} title={title}>
      {children}
    </div>
  );
}

/** The name of a column. */
export function HeadCell({
  children,
  align = 'start',
}: {
  readonly children: ReactNode;
  readonly align?: 'start' | 'end';
}) {
  return (
    <div role="columnheader" className={classes.cell} data-align={align}>
      {children}
    </div>
  );
}
