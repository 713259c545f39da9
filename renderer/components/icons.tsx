// The line icons of the frame and of buttons, drawn on a 16 px grid in the colour of the text around them.
import type { ReactNode } from 'react';

/** Every icon there is. */
export type IconName = keyof typeof ICONS;

const ICONS = {
  overview: <path d="M2.5 9.5a5.5 5.5 0 0 1 11 0M8 9.5l2.4-2.6M4.2 12.5h7.6" />,
  accounts: <path d="M10.2 5.2a2.4 2.4 0 1 1-4.8 0 2.4 2.4 0 0 1 4.8 0ZM3 13c.5-2.5 2.5-3.8 4.8-3.8s4.3 1.3 4.8 3.8" />,
  models: <path d="M8 2.2 13.2 5 8 7.8 2.8 5 8 2.2ZM2.8 8 8 10.8 13.2 8M2.8 11 8 13.8l5.2-2.8" />,
  projects: (
    <path d="M2.5 12V4.2a.7.7 0 0 1 .7-.7h3l1.4 1.7h5.2a.7.7 0 0 1 .7.7V12a.7.7 0 0 1-.7.7H3.2a.7.7 0 0 1-.7-.7ZM2.5 7.4h11" />
  ),
  requests: <path d="M2.5 4h11M2.5 8h11M2.5 12h7" />,
  connect: <path d="M5.5 2.5v3M10.5 2.5v3M4 5.5h8v2a4 4 0 0 1-8 0v-2ZM8 11.5v2.3" />,
  settings: (
    <path d="M2.5 4.5h5M11 4.5h2.5M2.5 11.5h2M8 11.5h5.5M9.2 6.3a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6ZM6.2 13.3a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6Z" />
  ),
  search: <path d="M7 11.2a4.2 4.2 0 1 0 0-8.4 4.2 4.2 0 0 0 0 8.4ZM10.2 10.2l3.3 3.3" />,
  copy: (
    <path d="M6 6V3.5A1 1 0 0 1 7 2.5h5.5a1 1 0 0 1 1 1V9a1 1 0 0 1-1 1H10M3.5 6H9a1 1 0 0 1 1 1v5.5a1 1 0 0 1-1 1H3.5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1Z" />
  ),
  done: <path d="m3 8.5 3.2 3.2L13 4.8" />,
  stop: <path d="M4.5 4.5h7v7h-7z" />,
  agent: (
    <path d="M4 6.2h8a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1v-4a1 1 0 0 1 1-1ZM8 6.2V3.4M8 3.2h.01M6 9.2h.01M10 9.2h.01" />
  ),
  plus: <path d="M8 3v10M3 8h10" />,
  close: <path d="m4 4 8 8M12 4l-8 8" />,
  arrow: <path d="M3 8h10M9 4l4 4-4 4" />,
  back: <path d="M13 8H3M7 4 3 8l4 4" />,
  down: <path d="M8 3v10M4 9l4 4 4-4" />,
  hidden: <path d="M2.2 8S4.4 4.2 8 4.2 13.8 8 13.8 8 11.6 11.8 8 11.8 2.2 8 2.2 8ZM3 13 13 3" />,
  rest: <path d="M5.5 3.5v9M10.5 3.5v9" />,
  play: <path d="M5 3.5v9l7-4.5-7-4.5Z" />,
  up: <path d="M8 13V3M4 7l4-4 4 4" />,
  branch: <path d="M3 4h3.2c3.6 0 2.8 8 6.4 8M10.4 9.8l2.4 2.2-2.4 2.2M6.8 4H8" />,
  more: <path d="M3.5 8h.01M8 8h.01M12.5 8h.01" strokeWidth="2.2" />,
  refresh: <path d="M13 8a5 5 0 1 1-1.5-3.6M13 2.5v2.8h-2.8" />,
  pulse: <path d="M2 8.5h2.8L6.6 4l3 8.5 1.8-4H14" />,
  edit: <path d="m3 13 .6-2.8 7.2-7.2a1.2 1.2 0 0 1 1.7 0l.5.5a1.2 1.2 0 0 1 0 1.7L5.8 12.4 3 13Z" />,
  remove: <path d="M2.8 4.5h10.4M6.2 4.5v-2h3.6v2M4.2 4.5l.6 9h6.4l.6-9" />,
  tools: <path d="M9.6 3.2a3 3 0 0 1 3.2 4.2L8 12.2a1.5 1.5 0 0 1-2.2 0l0 0a1.5 1.5 0 0 1 0-2.1L10.6 5M3.5 3.5l3 3" />,
  images: (
    <path d="M3 3.5h10a.5.5 0 0 1 .5.5v8a.5.5 0 0 1-.5.5H3a.5.5 0 0 1-.5-.5V4a.5.5 0 0 1 .5-.5ZM2.8 11l3.2-3.2 2.4 2.4 1.8-1.6 3 2.6M10.3 6.2h.01" />
  ),
  reasoning: <path d="M5.2 9.8A4 4 0 1 1 10.8 9.8c-.6.5-.8 1-.8 1.7H6c0-.7-.2-1.2-.8-1.7ZM6.4 13.6h3.2" />,
  external: <path d="M9 3h4v4M13 3 7.5 8.5M11.5 9.5v3a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1h3" />,
  key: <path d="M5.5 13a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM7.5 8.2l5-5M10.4 5.3l1.9 1.9" />,
  power: <path d="M8 2.5v5M4.8 4.6a5 5 0 1 0 6.4 0" />,
} satisfies Record<string, ReactNode>;

/** One icon; hidden from screen readers, since the word stands beside it or on the button. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      style={{ flex: 'none' }}
    >
      {ICONS[name]}
    </svg>
  );
}

/** The sign of the house: two jacks joined by one arc of cable. */
export function BrandMark({ size = 22 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" fill="none" aria-hidden="true" style={{ flex: 'none' }}>
      <path d="M5.431 12.496A9.5 9.5 0 0 0 12.496 5.431" stroke="var(--accent)" strokeWidth="1.9" />
      <circle cx="3.25" cy="12.75" r="1.95" stroke="currentColor" strokeWidth="1.6" />
      <circle cx="12.75" cy="3.25" r="1.95" stroke="currentColor" strokeWidth="1.6" />
    </svg>
  );
}
