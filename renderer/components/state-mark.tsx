// A state as one word, one colour and one shape, so that colour is never the only sign.
import classes from './state-mark.module.css';

/** What a state means to the person, whatever it is called. */
export type Tone = 'good' | 'busy' | 'rest' | 'warning' | 'bad' | 'idle';

/** The shape alone, for places where the word stands elsewhere in the row. */
export function StateShape({ tone }: { readonly tone: Tone }) {
  return (
    <svg className={classes.shape} data-tone={tone} width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      {SHAPES[tone]}
    </svg>
  );
}

/** Shape and word; `calm` leaves the word of a good state grey, for lists where good is the rule. */
export function StateMark(properties: {
  readonly tone: Tone;
  readonly word: string;
  readonly title?: string | undefined;
  readonly calm?: boolean;
}) {
  const { tone, word, title, calm = false } = properties;
  return (
    <span className={classes.mark} data-tone={tone} data-calm={calm} title={title}>
      <StateShape tone={tone} />
      <span>{word}</span>
    </span>
  );
}

const SHAPES = {
  good: <circle cx="6" cy="6" r="4" fill="currentColor" />,
  busy: (
    <g className={classes.turning}>
      <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="1.6" strokeDasharray="16 9.2" />
    </g>
  ),
  rest: <path d="M3 2h2.2v8H3zM6.8 2H9v8H6.8z" fill="currentColor" />,
  warning: <path d="M6 1.6 11 10.4H1L6 1.6Z" fill="currentColor" />,
  bad: (
    <path
      d="M3.9 1.5h4.2L10.5 3.9v4.2L8.1 10.5H3.9L1.5 8.1V3.9Z M4.3 5.3h3.4v1.4H4.3Z"
      fill="currentColor"
      fillRule="evenodd"
    />
  ),
  idle: <circle cx="6" cy="6" r="3.4" fill="none" stroke="currentColor" strokeWidth="1.4" />,
};
