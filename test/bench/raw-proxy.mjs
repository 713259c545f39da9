// @ts-check
// The yardstick: a pass-through of Node's own http that pipes bytes both ways and knows nothing of what they mean.
import { Agent, createServer, request as openRequest } from 'node:http';

const upstream = new URL(process.env.UPSTREAM ?? '');
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

const server = createServer((incoming, outgoing) => {
  const forwarded = openRequest(
    {
      agent,
      host: upstream.hostname,
      port: upstream.port,
      path: incoming.url,
      method: incoming.method,
      headers: { ...incoming.headers, host: upstream.host },
    },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    },
  );
  forwarded.on('error', () => outgoing.destroy());
  outgoing.on('close', () => forwarded.destroy());
  incoming.pipe(forwarded);
});

server.listen({ host: '127.0.0.1', port: Number(process.env.PORT), backlog: 2048 });
