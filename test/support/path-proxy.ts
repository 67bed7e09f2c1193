/** A reverse proxy that shows a server below a path and buffers: nothing of an answer passes before all of it came. */
import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface PathProxy {
  /** With the path and a slash behind it. */
  readonly url: string;
  /** Answers that passed. */
  readonly count: () => number;
  close(): Promise<void>;
}

export async function startPathProxy(target: string, path = '/house/red'): Promise<PathProxy> {
  const { hostname, port, host } = new URL(target);
  const sockets = new Set<Socket>();
  let count = 0;
  const headersFor = ({ headers }: IncomingMessage): Record<string, string | string[] | undefined> => ({
    ...headers,
    host,
    'x-forwarded-host': headers.host,
  });
  const server = createServer(async (incoming, response) => {
    if (!incoming.url?.startsWith(`${path}/`)) {
      response.writeHead(404).end();
      return;
    }
    const body = await whole(incoming);
    const forwarded = request({
      hostname,
      port,
      method: incoming.method,
      path: incoming.url.slice(path.length),
      headers: headersFor(incoming),
    });
    forwarded.once('response', async (answer) => {
      const content = await whole(answer).catch(() => undefined);
      if (content === undefined) {
        response.destroy();
        return;
      }
      count += 1;
      const { 'transfer-encoding': _, ...headers } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, { ...headers, 'content-length': content.length });
      response.end(content);
    });
    forwarded.once('error', () => response.destroy());
    response.once('close', () => forwarded.destroy());
    forwarded.end(body);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  // The editor's websocket is passed on as it is.
  server.on('upgrade', (incoming, socket, head) => {
    const line = connect(Number(port), hostname, () => {
      const lines = Object.entries(headersFor(incoming)).map(([name, value]) => `${name}: ${value}`);
      line.write(`GET ${incoming.url?.slice(path.length)} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      line.write(head);
      line.pipe(socket).pipe(line);
    });
    line.on('error', () => socket.destroy());
    socket.on('error', () => line.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}/`,
    count: () => count,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function whole(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
