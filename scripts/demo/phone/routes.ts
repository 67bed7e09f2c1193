/** The phone's page, below `/phone/` beside the editor: its files, its events (SSE), and what somebody does there. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Phone } from './phone';

const BASE = '/phone/';
/** Bytes of a request. */
const MAX_BODY = 16_384;
/** Pages that are open at once. */
const MAX_PAGES = 20;
/** Milliseconds between two signs of life to a page. */
const BEAT = 15_000;
const REACTIONS = ['👍', '👎'];

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

export interface PhoneRoutes {
  /** Answers a request; false: it is not for this page. Another site's is refused, whatever it is for. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  close(): void;
}

/** @param files contents by name; `index.html` is the page. */
export function phoneRoutes(phone: Phone, files: ReadonlyMap<string, Uint8Array>): PhoneRoutes {
  const pages = new Set<ServerResponse>();
  /** Pages that have not read what they got, and are told the newest state when they have. */
  const behind = new Set<ServerResponse>();
  let isQueued = false;
  const event = (): string => `data: ${JSON.stringify(phone.state)}\n\n`;
  phone.onChange = () => {
    if (isQueued) return;
    isQueued = true;
    setImmediate(() => {
      isQueued = false;
      const text = event();
      for (const page of pages) {
        if (page.writableNeedDrain) behind.add(page);
        else page.write(text);
      }
    });
  };
  const beat = setInterval(() => {
    for (const page of pages) if (!page.writableNeedDrain) page.write(': \n\n');
  }, BEAT);
  beat.unref();

  const open = (response: ServerResponse): void => {
    if (pages.size >= MAX_PAGES) {
      end(response, 503);
      return;
    }
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream' });
    response.write(event());
    pages.add(response);
    response.on('drain', () => {
      if (behind.delete(response)) response.write(event());
    });
    response.once('close', () => {
      pages.delete(response);
      behind.delete(response);
    });
  };
  const act = async (path: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    if (path === 'say' && typeof body?.text === 'string') await phone.say(body.text);
    else if (path === 'react' && typeof body?.id === 'string') {
      await phone.react(
        body.id,
        REACTIONS.find((one) => one === body.emoji),
      );
    } else {
      end(response, 400);
      return;
    }
    end(response, 204);
  };

  return {
    handle(request, response) {
      // A page of another site may have this machine's address under its own name; without a password, the editor
      // would let it run any program.
      if (!isLocal(request.headers.host)) {
        end(response, 403, 'Open this under 127.0.0.1 or localhost.\n');
        return true;
      }
      const path = (request.url ?? '').split('?')[0] ?? '';
      if (path === BASE.slice(0, -1)) {
        response.writeHead(302, { Location: BASE }).end();
        return true;
      }
      if (!path.startsWith(BASE)) return false;
      const name = path.slice(BASE.length);
      if (request.method === 'POST') act(name, request, response).catch(() => end(response, 500));
      else if (request.method !== 'GET') end(response, 405);
      else if (name === 'events') open(response);
      else serve(name === '' ? 'index.html' : name, files, response);
      return true;
    },
    close() {
      clearInterval(beat);
      phone.onChange = () => {};
      for (const page of pages) page.end();
    },
  };
}

function serve(name: string, files: ReadonlyMap<string, Uint8Array>, response: ServerResponse): void {
  const content = files.get(name);
  const type = TYPES[name.split('.').at(-1) ?? ''];
  if (content === undefined || type === undefined) end(response, 404);
  else response.writeHead(200, { ...HEADERS, 'Content-Type': type }).end(content);
}

function end(response: ServerResponse, status: number, why = ''): void {
  if (!response.headersSent) response.writeHead(status, HEADERS);
  response.end(why);
}

const isLocal = (host = ''): boolean => /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host);

/** The object in the body. Other sites cannot send this type of content without being asked for permission. */
async function bodyOf(request: IncomingMessage): Promise<Partial<Record<string, unknown>> | undefined> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) return undefined;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > MAX_BODY) return undefined;
    parts.push(part as Buffer);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(parts).toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
