// Proxies on loopback that do what real ones do, record what they were asked, and fail where a test wants them to. Upstreams
// of tests are on loopback, which is never proxied: tests ask for made-up names that only these proxies know.
import { createServer as createHttpServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What a proxy was asked for. */
export interface Asked {
  /** `CONNECT`, the method of a plain request, or the type of a SOCKS5 address. */
  readonly how: string;
  readonly host: string;
  readonly port: number;
  /** `user:password` as it was given. */
  readonly login?: string;
}

/** Where a proxy fails. */
export type Failure = 'greeting' | 'nonsense' | 'login' | 'answer' | 'silence' | { readonly refuse: number };

/** What a proxy knows and wants. */
export interface FakeProxyOptions {
  /** Ports of this machine by the made-up names that lead to them. */
  readonly names: Readonly<Record<string, number>>;
  readonly user?: string;
  readonly password?: string;
  readonly fail?: Failure;
}

/** A running proxy. */
export interface FakeProxy {
  readonly port: number;
  readonly asked: Asked[];
  /** Connections to it that are open now. */
  open(): number;
  /** Resolves when none is open. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** An HTTP proxy: CONNECT, and plain requests with the whole address. */
export async function startHttpProxy(options: FakeProxyOptions): Promise<FakeProxy> {
  const { names, user, password, fail } = options;
  const asked: Asked[] = [];
  /** The status to refuse with; undefined where all is well. */
  const note = (how: string, host: string, port: number, { headers }: IncomingMessage): number | undefined => {
    const given = /^Basic (.+)$/.exec(headers['proxy-authorization'] ?? '')?.[1];
    const login = given === undefined ? undefined : Buffer.from(given, 'base64').toString('utf8');
    asked.push({ how, host, port, ...(login === undefined ? {} : { login }) });
    if (fail === 'login' || (user !== undefined && login !== `${user}:${password}`)) return 407;
    if (typeof fail === 'object') return fail.refuse;
    return names[host] === undefined ? 502 : undefined;
  };
  const server = createHttpServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? '');
    const refused = note(incoming.method ?? '', url.hostname, Number(url.port) || 80, incoming);
    if (refused !== undefined) return outgoing.writeHead(refused).end('refused by the proxy');
    const { 'proxy-authorization': _, ...headers } = incoming.headers;
    const onward = request(
      { port: names[url.hostname], path: url.pathname + url.search, method: incoming.method, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
        outgoing.flushHeaders();
        answer.pipe(outgoing);
      },
    );
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  server.on('connect', (incoming: IncomingMessage, socket: Socket) => {
    socket.on('error', () => {});
    const { hostname, port } = new URL(`http://${incoming.url}`);
    const refused = note('CONNECT', hostname, Number(port) || 80, incoming);
    if (fail === 'silence') return;
    if (fail === 'answer') return socket.destroy();
    if (refused !== undefined) return socket.end(`HTTP/1.1 ${refused} Refused\r\ncontent-length: 0\r\n\r\n`);
    join(socket, names[hostname] ?? 0, () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
  });
  return await start(server, asked, (socket) => fail === 'greeting' && socket.destroy());
}

/** A SOCKS5 proxy: CONNECT only, without a password or with one. */
export async function startSocksProxy(options: FakeProxyOptions): Promise<FakeProxy> {
  const { names, user, password, fail } = options;
  const asked: Asked[] = [];
  const serve = async (socket: Socket) => {
    const read = createReader(socket);
    if (fail === 'greeting') return socket.destroy();
    if (fail === 'nonsense') return socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    const [, count = 0] = await read(2);
    const methods = await read(count);
    const wanted = user === undefined ? 0 : 2;
    if (!methods.includes(wanted)) return socket.end(Buffer.from([5, 0xff]));
    socket.write(Buffer.from([5, wanted]));
    const login = wanted === 2 ? await readLogin(read) : undefined;
    if (login !== undefined && !admit(socket, login)) return;
    const [, , , type = 0] = await read(4);
    const host = await readHost(type, read);
    const port = (await read(2)).readUInt16BE();
    const how = type === 3 ? 'domain' : type === 1 ? 'ipv4' : 'ipv6';
    asked.push({ how, host, port, ...(login === undefined ? {} : { login }) });
    return answer(socket, host, () => read.stop());
  };
  const admit = (socket: Socket, login: string): boolean => {
    const good = fail !== 'login' && login === `${user}:${password}`;
    socket.write(Buffer.from([1, good ? 0 : 1]));
    if (!good) socket.end();
    return good;
  };
  const answer = (socket: Socket, host: string, onOpen: () => void) => {
    const reply = (code: number) => socket.write(Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]));
    if (fail === 'silence') return;
    if (fail === 'answer') return socket.destroy();
    const code = typeof fail === 'object' ? fail.refuse : names[host] === undefined ? 4 : 0;
    if (code !== 0) return reply(code) && socket.end();
    join(socket, names[host] ?? 0, () => {
      onOpen();
      reply(0);
    });
  };
  return await start(createServer(), asked, (socket) => void serve(socket));
}

async function readLogin(read: (bytes: number) => Promise<Buffer>): Promise<string> {
  const name = await read((await read(2))[1] ?? 0);
  return `${name}:${await read((await read(1))[0] ?? 0)}`;
}

async function readHost(type: number, read: (bytes: number) => Promise<Buffer>): Promise<string> {
  if (type === 3) return (await read((await read(1))[0] ?? 0)).toString('utf8');
  const bytes = await read(type === 1 ? 4 : 16);
  return type === 1 ? bytes.join('.') : (bytes.toString('hex').match(/.{4}/g) ?? []).join(':');
}

function join(socket: Socket, port: number, onOpen: () => void): void {
  const onward = connect(port, '127.0.0.1', () => {
    onOpen();
    socket.pipe(onward);
    onward.pipe(socket);
  });
  onward.on('error', () => socket.destroy());
  socket.on('close', () => onward.destroy());
  onward.on('close', () => socket.destroy());
}

/** Reads so many bytes at a time. */
function createReader(socket: Socket) {
  let held = Buffer.alloc(0);
  let wake = () => {};
  const onData = (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    wake();
  };
  socket.on('data', onData);
  const read = async (bytes: number): Promise<Buffer> => {
    while (held.length < bytes)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    const taken = held.subarray(0, bytes);
    held = held.subarray(bytes);
    return taken;
  };
  return Object.assign(read, { stop: () => void socket.off('data', onData) });
}

async function start(server: Server, asked: Asked[], onSocket: (socket: Socket) => unknown): Promise<FakeProxy> {
  const sockets = new Set<Socket>();
  const waiting: (() => void)[] = [];
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) for (const resolve of waiting.splice(0)) resolve();
    });
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    open: () => sockets.size,
    idle: () => (sockets.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
