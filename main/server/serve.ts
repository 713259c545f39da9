// The same steps for every face and every request: read, ask, write, stop when the client leaves, and put it on the log.
import type { ServerResponse } from 'node:http';
import type { Settings } from '../../shared/settings.ts';
import { collect } from '../canonical/collect.ts';
import { GatewayError, readError } from '../canonical/errors.ts';
import type { EventStream } from '../canonical/events.ts';
import type { ClientKeys } from '../credentials/client-keys.ts';
import type { KeyPlace } from '../credentials/key-limits.ts';
import type { ConverseContext, Gateway, RequestContext } from '../gateway/gateway.ts';
import type { Candidate } from '../gateway/route-plan.ts';
import type { RunningSession, SessionBook } from '../projects/session-book.ts';
import type {
  CompletionExchange,
  ConversationExchange,
  ConverseRoute,
  EmbedRoute,
  ImagesRoute,
  Protocol,
  ReadyExchange,
  ReplyHead,
  RouteRequest,
} from '../protocols/protocol.ts';
import type { RequestLog, RequestRecord } from '../request-log/request-log.ts';
import type { Logger } from '../util/logger.ts';
import { nameRequest, readJson, refuse, type Visit, writeJson, writeText } from './answers.ts';
import { chooseName } from './choose-name.ts';
import { readClientName } from './client-name.ts';
import { enterSession } from './enter-session.ts';
import { meterRecord } from './metered-record.ts';
import type { RunningRequests } from './running.ts';
import type { SilenceWatch } from './silence.ts';
import { writeStream } from './write-stream.ts';

/** What serving needs. */
export interface ServeServices {
  readonly gateway: Gateway;
  readonly log: RequestLog;
  /** What each key may take. */
  readonly keys: Pick<ClientKeys, 'enter'>;
  /** Lasting conversations. */
  readonly sessionBook: Pick<SessionBook, 'enter'>;
  readonly logger: Logger;
  readonly settings: () => Settings;
  readonly silence: SilenceWatch;
  /** Every running request, so that a stop can wait for them or end them. */
  readonly running: RunningRequests;
}

/** A request that has been let in: what its route may know, and how to put it on the log. */
interface Serving {
  readonly protocol: Protocol;
  readonly visit: Visit;
  readonly routeRequest: RouteRequest;
  readonly services: ServeServices;
  /** Aborted when the client has gone. */
  readonly client: AbortController;
  /** When the request came in, by `performance.now()`. */
  readonly startedAt: number;
  /**
   * Opens the record of the log and takes a place among the requests of the client's key; to be called once, as soon as the
   * request is understood. Throws `GatewayError` where a limit of the key is reached. What asks no model is `free`.
   */
  openRecord(stream: boolean, model: string, notes?: readonly string[], free?: boolean): RequestRecord;
  createHead(model: string, record: RequestRecord, session?: RunningSession): ReplyHead;
  /** The name under which the model that the client asked for is served, as far as its dialect has another for it. */
  findName(model: string, record: RequestRecord): Promise<string>;
}

/** Serves one request to a `converse` route; the outcome, good or bad, is written to the response and to the log. */
export function serveConverse(
  protocol: Protocol,
  route: ConverseRoute,
  visit: Visit,
  routeRequest: RouteRequest,
  services: ServeServices,
): Promise<void> {
  return serveAsking(protocol, visit, routeRequest, services, async (serving) => {
    const exchange = route.readRequest(await readBodyOf(serving), routeRequest);
    if ('ready' in exchange) await serveReady(exchange, serving);
    else await serveExchange(exchange, serving);
  });
}

/** Serves one request that is answered with a single object; the outcome goes to the response and to the log. */
export function serveSingle(
  protocol: Protocol,
  route: EmbedRoute | ImagesRoute,
  visit: Visit,
  routeRequest: RouteRequest,
  services: ServeServices,
): Promise<void> {
  return serveAsking(protocol, visit, routeRequest, services, async (serving) => {
    const { gateway } = services;
    const body = await readBodyOf(serving);
    if (route.action === 'embed') {
      const { request, notes, writeResult } = route.readRequest(body, routeRequest);
      const record = serving.openRecord(false, request.model, notes);
      const model = await serving.findName(request.model, record);
      const result = await gateway.embed({ ...request, model }, createContext(serving, record));
      finish(serving, record, writeResult(result, serving.createHead(request.model, record)));
    } else {
      const { request, notes, writeResult } = route.readRequest(body, routeRequest);
      const record = serving.openRecord(false, request.model, notes);
      const model = await serving.findName(request.model, record);
      const result = await gateway.generateImages({ ...request, model }, createContext(serving, record));
      finish(serving, record, writeResult(result, serving.createHead(request.model, record)));
    }
  });
}

async function serveReady({ model, ready, contentType }: ReadyExchange, serving: Serving): Promise<void> {
  const record = serving.openRecord(contentType !== undefined, model, [], true);
  const name = await serving.findName(model, record);
  await serving.services.gateway.find({ model: name, key: serving.visit.key });
  finish(serving, record, ready, contentType);
}

async function serveExchange(exchange: ConversationExchange | CompletionExchange, serving: Serving): Promise<void> {
  const { services, visit, client } = serving;
  const { stream, notes } = exchange;
  const { model } = 'completion' in exchange ? exchange.completion : exchange.conversation;
  const record = serving.openRecord(stream, model, notes);
  const context: ConverseContext = { ...createContext(serving, record), live: stream };
  const served = await serving.findName(model, record);
  if ('completion' in exchange) {
    const events = services.gateway.complete({ ...exchange.completion, model: served }, context);
    return writeEvents(events, exchange, serving, record, serving.createHead(model, record));
  }
  const conversation = { ...exchange.conversation, model: served };
  const session = enterSession({ ...exchange, conversation }, visit, client, record, services.sessionBook);
  const head = serving.createHead(model, record, session);
  if (session === undefined)
    return writeEvents(services.gateway.converse(conversation, context), exchange, serving, record, head);
  try {
    const events = services.gateway.converse(session.conversation, { ...context, session: session.attempt });
    await writeEvents(session.watch(events), exchange, serving, record, head);
  } finally {
    session.leave();
  }
}

async function writeEvents(
  events: EventStream,
  exchange: ConversationExchange | CompletionExchange,
  serving: Serving,
  record: RequestRecord,
  head: ReplyHead,
): Promise<void> {
  const { services, visit, protocol, client } = serving;
  if (!exchange.stream) return finish(serving, record, exchange.writeReply(await collect(events), head));
  const { silence } = services;
  await writeStream(events, exchange.openStream(head), protocol, { visit, record, client, silence });
  record.close('ok');
}

function readBodyOf({ visit, services }: Serving): Promise<unknown> {
  return readJson(visit.request, services.settings().bodyLimitBytes);
}

function createContext({ visit, client, startedAt }: Serving, record: RequestRecord): RequestContext {
  const { id: requestId, key: clientKey, response } = visit;
  const onAnswer = (who: Candidate) => nameAnswerer(response, who);
  return { requestId, clientKey, signal: client.signal, record, startedAt, onAnswer };
}

/** Who answers, for people who look at the head; it may be out already, where the upstream was slow. */
function nameAnswerer(response: ServerResponse, { account, model }: Candidate): void {
  if (response.headersSent) return;
  response.setHeader('x-patchbay-account', writeHeader(account.id));
  response.setHeader('x-patchbay-model', writeHeader(model));
}

/** No header takes every letter that a name may have, nor any length. */
function writeHeader(name: string): string {
  const write = (letter: string) => Buffer.from(letter).toString('hex').replace(/../g, '%$&');
  return name.slice(0, 200).replace(/[^\x21-\x7e]/gu, write);
}

function finish({ visit, protocol }: Serving, record: RequestRecord, body: unknown, contentType?: string): void {
  const naming = nameRequest(protocol, visit);
  if (contentType === undefined) writeJson(visit.response, 200, body, naming);
  else writeText(visit.response, String(body), { 'content-type': contentType, ...naming });
  record.update({ status: 200 });
  record.close('ok');
}

/** What the log has in place of the key's name where a door wants none. */
const NO_KEY = 'no key needed';

/** Runs `serve`; whatever it throws becomes the refusal in the client's shape and the end of its record. */
async function serveAsking(
  protocol: Protocol,
  visit: Visit,
  routeRequest: RouteRequest,
  services: ServeServices,
  serve: (serving: Serving) => Promise<void>,
): Promise<void> {
  const { request, response } = visit;
  const startedAt = performance.now();
  const at = Date.now();
  const client = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) client.abort(new GatewayError('aborted', 'The client hung up.'));
  });
  services.running.add(client);
  let record: RequestRecord | undefined;
  let place: KeyPlace | undefined;
  const openFree = (stream: boolean, modelAsked: string, notes: readonly string[] = []) => {
    const opened = services.log.open({
      id: visit.id,
      at,
      client: readClientName(request.headers['user-agent']),
      key: visit.key ?? NO_KEY,
      dialect: protocol.id,
      stream,
      modelAsked,
    });
    record = opened;
    for (const text of notes) opened.note(text);
    return opened;
  };
  const openRecord: Serving['openRecord'] = (stream, model, notes, free = false) => {
    const opened = openFree(stream, model, notes);
    if (free || visit.keyId === undefined) return opened;
    place = services.keys.enter(visit.keyId);
    return meterRecord(opened, place);
  };
  const createHead: Serving['createHead'] = (model, opened, session) => ({
    requestId: visit.id,
    model,
    createdAt: Math.floor(at / 1000),
    session,
    note: (text) => opened.note(text),
  });
  const findName = async (model: string, opened: RequestRecord) => {
    const name = await chooseName(protocol, model, (each) => services.gateway.find({ model: each, key: visit.key }));
    if (name !== model) opened.note(`Nobody offers "${model}"; "${name}" was asked instead.`);
    return name;
  };
  try {
    await serve({ protocol, visit, routeRequest, services, client, startedAt, openRecord, createHead, findName });
  } catch (thrown) {
    const error = client.signal.aborted ? readError(client.signal.reason) : readError(thrown);
    if (error.kind === 'internal') services.logger.error('A request failed inside Patchbay.', { id: visit.id, error });
    closeFailed(record ?? openFree(false, ''), error, refuse(protocol, visit, error));
  } finally {
    place?.leave();
    services.running.delete(client);
  }
}

function closeFailed(record: RequestRecord, error: GatewayError, status: number | undefined): void {
  record.update({ status, errorKind: error.kind, errorText: error.message });
  record.close(error.kind === 'aborted' ? 'aborted' : 'failed');
}
