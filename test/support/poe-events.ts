// The events of Poe's bot protocol as bytes.

/** One event as a frame. */
export const frame = (event: string, data: unknown): string =>
  `event: ${event}\r\ndata: ${typeof data === 'string' ? data : JSON.stringify(data)}\r\n\r\n`;

/** The events that bots send. */
export const say = {
  meta: frame('meta', {
    content_type: 'text/markdown',
    linkify: true,
    suggested_replies: false,
    refetch_settings: false,
  }),
  text: (text: string, index?: number) => frame('text', { text, ...(index === undefined ? {} : { index }) }),
  replace: (text: string, index?: number) =>
    frame('replace_response', { text, ...(index === undefined ? {} : { index }) }),
  suggest: (text: string) => frame('suggested_reply', { text }),
  file: (url: string, contentType: string, name: string, ref?: string, index?: number) =>
    frame('file', {
      url,
      content_type: contentType,
      name,
      ...(ref === undefined ? {} : { inline_ref: ref }),
      ...(index === undefined ? {} : { index }),
    }),
  json: (delta: object, finish: string | null = null, extra: object = {}) =>
    frame('json', { choices: [{ index: 0, delta, finish_reason: finish }], ...extra }),
  toolStart: (index: number, id: string, name: string) =>
    say.json({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
  toolArguments: (index: number, text: string) => say.json({ tool_calls: [{ index, function: { arguments: text } }] }),
  data: frame('data', { metadata: 'opaque' }),
  error: (text: string, allowRetry?: boolean, type?: string) =>
    frame('error', {
      text,
      raw_response: null,
      ...(allowRetry === undefined ? {} : { allow_retry: allowRetry }),
      ...(type === undefined ? {} : { error_type: type }),
    }),
  ping: frame('ping', '2026-01-01 00:00:00'),
  done: frame('done', {}),
};
