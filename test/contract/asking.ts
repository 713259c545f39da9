// Asks a face as the server would, without a server: finds the route of what a client wrote, and has it read.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { collect, type Reply } from '../../main/canonical/collect.ts';
import type { ConversationEvent } from '../../main/canonical/events.ts';
import type { ConversationExchange, Protocol, ReplyHead } from '../../main/protocols/protocol.ts';
import { createRouteFinder } from '../../main/server/routes.ts';
import { listTestProtocols } from '../support/books.ts';
import type { Asked, Client, Face, Written } from './client.ts';

const FACES = join(import.meta.dirname, 'faces');

/** A face with the clients that the contract tests have for it. */
export interface KnownFace {
  readonly protocol: Protocol;
  /** Undefined where nobody has written one. */
  readonly face: Face | undefined;
}

/** A way to ask, with its face. */
export interface KnownClient {
  readonly name: string;
  readonly protocol: Protocol;
  readonly face: Face;
  readonly client: Client;
}

/** Every face that converses, in the order of the registry. */
export async function loadFaces(): Promise<readonly KnownFace[]> {
  const conversing = listTestProtocols().filter(({ routes }) => routes.some(({ action }) => action === 'converse'));
  return Promise.all(
    conversing.map(async (protocol) => {
      const file = join(FACES, `${protocol.id}.ts`);
      const face = existsSync(file) ? ((await import(file)) as { face: Face }).face : undefined;
      return { protocol, face };
    }),
  );
}

/** Every way to ask. */
export async function loadClients(): Promise<readonly KnownClient[]> {
  const faces = await loadFaces();
  return faces.flatMap(({ protocol, face }) =>
    face === undefined
      ? []
      : face.clients.map((client) => ({ name: `${protocol.id} ${client.route}`, protocol, face, client })),
  );
}

/** How the face understands what a client wrote. */
export function readAsServer({ protocol, face }: KnownClient, { path, headers, body }: Written): ConversationExchange {
  const [plain = '', query = ''] = path.split('?');
  const given = { ...face.headers, ...headers };
  const found = createRouteFinder([protocol])('POST', plain, given);
  if (found?.route.action !== 'converse') throw new Error(`No route converses at ${path}`);
  const request = { headers: given, name: found.name, query, key: undefined };
  const exchange = found.route.readRequest(JSON.parse(JSON.stringify(body)), request);
  if (!('conversation' in exchange)) throw new Error(`${path} does not read a conversation`);
  return exchange;
}

/** A head that keeps its notes. */
export function createHead(): ReplyHead & { readonly notes: string[] } {
  const notes: string[] = [];
  return { requestId: 'request-1', model: 'model-1', createdAt: 1, notes, note: (text) => notes.push(text) };
}

/** The events as one reply. */
export function collectReply(events: readonly ConversationEvent[]): Promise<Reply> {
  async function* batches() {
    yield events;
  }
  return collect(batches());
}

/** A short request, with a tool where the way to ask knows tools. */
export function askShortly({ client }: KnownClient, stream: boolean): Written {
  const asked: Asked = { turns: [{ role: 'user', text: 'Hi' }] };
  const tools: Asked = { ...asked, tools: [{ name: 'a', description: 'b', parameters: { type: 'object' } }] };
  return client.write(client.cannot?.(tools) === undefined ? tools : asked, { model: 'model-1', stream });
}
