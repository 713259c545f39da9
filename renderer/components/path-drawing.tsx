// A way drawn as a cable with a jack at every stop: what led on, who was passed over, who was asked. Words carry it all; the
// drawing only makes it seen.
import { VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './path-drawing.module.css';
import { StateShape, type Tone } from './state-mark.tsx';

/** One stop. */
export interface PathStop {
  readonly key: string;
  /** What it is, for those who do not see the drawing. */
  readonly role: string;
  /** The cable is plugged in here: the way that is taken. */
  readonly lit?: boolean;
  /** Off the way: passed over. */
  readonly off?: boolean;
  /** The state of whoever was asked, in place of a plain jack. */
  readonly tone?: Tone | undefined;
  readonly title: ReactNode;
  /** At the end of the title's line. */
  readonly aside?: ReactNode;
  readonly text?: ReactNode;
}

/** The stops from above to below. */
export function PathDrawing({ stops, label }: { readonly stops: readonly PathStop[]; readonly label: string }) {
  return (
    <ol className={classes.path} aria-label={label}>
      {stops.map((stop) => (
        <li key={stop.key} className={classes.stop} data-lit={stop.lit === true} data-off={stop.off === true}>
          <span className={classes.jack}>
            {stop.tone === undefined ? <span className={classes.ring} /> : <StateShape tone={stop.tone} />}
          </span>
          <div className={classes.words}>
            <div className={classes.line}>
              <VisuallyHidden>{stop.role}: </VisuallyHidden>
              <span className={classes.title}>{stop.title}</span>
              {stop.aside !== undefined && <span className={classes.aside}>{stop.aside}</span>}
            </div>
            {stop.text !== undefined && <p className={classes.text}>{stop.text}</p>}
          </div>
        </li>
      ))}
    </ol>
  );
}
