// The plain pages that a browser sees when it has no session: what happened and what to do next.

/** Why there is no session. */
export type ClosedReason = 'no-session' | 'link-spent';

const TEXTS: Readonly<Record<ClosedReason, { title: string; text: string }>> = {
  'no-session': {
    title: 'This Patchbay is locked',
    text: 'Open the GUI with the link that Patchbay printed when it started. The link makes this browser known; a client key does not.',
  },
  'link-spent': {
    title: 'This link no longer opens',
    text: 'A link to the GUI opens once, and only for a quarter of an hour after it was printed.',
  },
};

/** Keeps a browser from asking for an icon that is not there. */
const NO_ICON = '<link rel="icon" href="data:,">';

/** The page that opens the GUI once the browser has its session; a redirect would not carry the strict cookie. */
export const OPENING_PAGE = `<!doctype html>${NO_ICON}<title>Patchbay</title>`;

/** A whole HTML page; `processId` is named in the command that prints a new link. */
export function writeClosedPage(reason: ClosedReason, processId: number, platform = process.platform): string {
  const { title, text } = TEXTS[reason];
  const renew =
    platform === 'win32'
      ? '<p>For a new link, restart Patchbay.</p>'
      : `<p>For a new link, run this where Patchbay runs and read its output:</p><pre>kill -USR2 ${processId}</pre>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
${NO_ICON}
<title>${title}</title>
<style>
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto 0; padding: 0 24px; }
h1 { font-size: 20px; font-weight: 500; }
pre { padding: 12px 16px; border: 1px solid #8886; border-radius: 8px; overflow: auto; }
</style>
</head>
<body>
<h1>${title}</h1>
<p>${text}</p>
${renew}
</body>
</html>
`;
}
