// A bordered panel with an optional heading and one action; the basic piece of every page.
import type { ReactNode } from 'react';
import classes from './panel.module.css';

/** A section of a page. `flush` leaves the padding to the content, for lists that reach the border. */
export function Panel(properties: {
  readonly title?: ReactNode;
  readonly aside?: ReactNode;
  readonly flush?: boolean;
  readonly tone?: 'plain' | 'warning' | 'bad';
  readonly label?: string;
  readonly children: ReactNode;
}) {
  const { title, aside, flush = false, tone = 'plain', label, children } = properties;
  return (
    <section
      className={classes.panel}
      data-tone={tone}
      aria-label={label ?? (typeof title === 'string' ? title : undefined)}
    >
      {title !== undefined && (
        <header className={classes.head}>
          <h2 className={classes.title}>{title}</h2>
          {aside}
        </header>
      )}
      <div className={flush ? classes.flush : classes.body} data-headed={title !== undefined}>
        {children}
      </div>
    </section>
  );
}
