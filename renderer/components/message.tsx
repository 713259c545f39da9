// What went wrong or is missing, why, and the next step; and the empty states that teach.
import type { ReactNode } from 'react';
import classes from './message.module.css';
import { StateShape, type Tone } from './state-mark.tsx';

/** A boxed message: title, reason and the next step as buttons. */
export function Message(properties: {
  readonly tone: Tone;
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}) {
  const { tone, title, children, actions } = properties;
  return (
    <div className={classes.message} data-tone={tone} role={tone === 'bad' ? 'alert' : 'status'}>
      <span className={classes.shape}>
        <StateShape tone={tone} />
      </span>
      <div className={classes.content}>
        <div className={classes.words}>
          <p className={classes.title}>{title}</p>
          {children !== undefined && <div className={classes.text}>{children}</div>}
        </div>
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </div>
    </div>
  );
}

/** An empty place: one sentence, one button, one example. */
export function Empty(properties: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}) {
  return (
    <div className={classes.empty}>
      <p className={classes.emptyTitle}>{properties.title}</p>
      {properties.children !== undefined && <div className={classes.emptyText}>{properties.children}</div>}
      {properties.actions !== undefined && <div className={classes.emptyActions}>{properties.actions}</div>}
    </div>
  );
}
