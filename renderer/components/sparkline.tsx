// Small bars for a day of traffic, drawn by hand: a chart library would weigh more than this window.
import classes from './sparkline.module.css';

/** One bar per value, oldest first; the last one is the running hour. `label` tells it in words. */
export function Sparkline({ values, label }: { readonly values: readonly number[]; readonly label: string }) {
  const most = Math.max(1, ...values);
  return (
    <div className={classes.bars} role="img" aria-label={label}>
      {values.map((value, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its position in the day
          key={index}
          className={classes.bar}
          data-empty={value === 0}
          style={{ height: `${value === 0 ? 4 : Math.max(8, (value / most) * 100)}%` }}
          title={hourTitle(values.length - 1 - index, value)}
        />
      ))}
    </div>
  );
}

function hourTitle(hoursAgo: number, value: number): string {
  return hoursAgo === 0 ? String(value) : `-${hoursAgo} h: ${value}`;
}
