// A client that reads what comes over the wire and how it ends, in whichever dialect: no official one would show that.
import { request as ask } from 'node:http';
import { KEY } from './house.ts';

/** The dialects that it asks in. */
export type ClientDialect = 'chat' | 'messages' | 'responses';

const ASKING: Readonly<
  Record<ClientDialect, (model: string, text: string, stream: boolean) => [path: string, body: object]>
> = {
  chat: (model, content, stream) => ['/v1/chat/completions', { model, stream, messages: [{ role: 'user', content }] }],
  messages: (model, content, stream) => [
    '/v1/messages',
    { model, stream, max_tokens: 100, messages: [{ role: 'user', content }] },
  ],
  responses: (model, input, stream) => ['/v1/responses', { model, stream, input }],
};

/** An answer on its way. */
export interface RawAnswer {
  /** Resolves when this many characters of the body have come, or it has ended. */
  begun(characters?: number): Promise<void>;
  /** Resolves when it is over, however it ends. */
  readonly over: Promise<{
    readonly status: number;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly text: string;
    /** Whether the connection was cut before the end. */
    readonly isCut: boolean;
  }>;
}

/** Asks; `text` is what the person says. */
export function askRaw(
  url: string,
  dialect: ClientDialect,
  { model = 'm', text = 'Hi', stream = true }: { model?: string; text?: string; stream?: boolean } = {},
): RawAnswer {
  const [path, body] = ASKING[dialect](model, text, stream);
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
  let said = '';
  const waits: { readonly characters: number; readonly resolve: () => void }[] = [];
  const check = (isOver: boolean) => {
    for (const { characters, resolve } of waits) if (isOver || said.length >= characters) resolve();
  };
  const over: RawAnswer['over'] = new Promise((resolve, reject) => {
    const request = ask(url + path, { method: 'POST', headers, agent: false }, (response) => {
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        said += chunk;
        check(false);
      });
      response.on('error', () => {});
      response.on('close', () => {
        check(true);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: said, isCut: !response.complete });
      });
    });
    request.on('error', reject);
    request.end(JSON.stringify(body));
  });
  return {
    over,
    begun: (characters = 1) =>
      new Promise((resolve) => {
        waits.push({ characters, resolve });
        void over.then(() => resolve());
        check(false);
      }),
  };
}

/** Whether a stream has ended as its dialect ends a whole one. */
export function isWhole(dialect: ClientDialect, text: string): boolean {
  switch (dialect) {
    case 'chat':
      return text.endsWith('data: [DONE]\n\n');
    case 'messages':
      return text.includes('event: message_stop');
    case 'responses':
      return text.includes('event: response.completed');
    default:
      return dialect satisfies never;
  }
}

/** Whether a stream says in its dialect that it has failed. */
export function tellsFailure(dialect: ClientDialect, text: string): boolean {
  switch (dialect) {
    case 'chat':
      return /data: \{"error":/.test(text);
    case 'messages':
      return text.includes('event: error');
    case 'responses':
      return text.includes('event: response.failed') || text.includes('event: error');
    default:
      return dialect satisfies never;
  }
}
