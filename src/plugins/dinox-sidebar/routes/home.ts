import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeAPI } from 'node-red';
import type { Recorder } from '../../../recorder/recorder';
import { TileBoard } from '../../../recorder/tile-board';
import { isForeign } from '../../../runtime/admin/origin-guard';
import { Refusal } from '../../../runtime/admin/refusal';
import type { Admin, Request, Response, Routes } from '../../../runtime/admin/routes';
import { chosenTopics } from '../../../runtime/config/chosen-topics';
import { type KnownBroker, knownBrokers } from '../../../runtime/known-brokers';
import { readTiles } from '../../../runtime/tiles/tile-reader';
import { textReader } from '../../../runtime/translator';
import type { HomeAnswer, HomeConnection } from '../../../topics/tile';

/** Where the build puts the page, beside the runtime. */
const FOLDER = '../pages/home';
const FILES: Readonly<Record<string, string>> = {
  '': 'text/html;charset=utf-8',
  'home.js': 'text/javascript;charset=utf-8',
  'home.css': 'text/css;charset=utf-8',
  'worker.js': 'text/javascript;charset=utf-8',
  'manifest.webmanifest': 'application/manifest+json',
  'icon.svg': 'image/svg+xml',
  'icon-192.png': 'image/png',
  'icon-512.png': 'image/png',
};
/** Nothing from elsewhere, no script or style in the page itself, in no frame. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** Connections in one answer. */
const MAX_CONNECTIONS = 20;
const MAX_TOKEN_LENGTH = 8_192;

/**
 * `GET dinox/home`: the page for phones, an empty shell that anybody may load. `GET dinox/home/values` (`dinox.read`):
 * the chosen topics. Only where `settings.js` has `dinox: {home: {topics: […]}}`.
 */
export function homeRoutes(RED: NodeAPI, routes: Routes, folder = join(__dirname, FOLDER)): void {
  const home = chosenTopics(RED.settings as { dinox?: unknown }, 'home');
  if (!home) return;
  const read = textReader(RED);
  for (const problem of home.problems) RED.log.warn(`[dinox-home] ${read(problem)}`);
  pageRoutes(RED.httpAdmin as unknown as Admin, folder);
  const boards = new WeakMap<Recorder, TileBoard>();
  const boardOf = ({ broker: { recorder, names } }: KnownBroker): TileBoard => {
    // A deploy gives the recorder to another node, with other names.
    const known = boards.get(recorder);
    if (known?.names === names) return known;
    const board = new TileBoard(recorder, names, home.filters, Date.now);
    boards.set(recorder, board);
    return board;
  };
  routes.get('/dinox/home/values', async (request): Promise<HomeAnswer> => {
    if (isForeign(request.headers)) throw new Refusal(403, 'origin');
    const tokens = tokensIn(request);
    const connections: HomeConnection[] = [];
    for (const known of knownBrokers(RED).slice(0, MAX_CONNECTIONS)) {
      const { id, name, broker } = known;
      connections.push({ id, name, ...(await readTiles(RED, boardOf(known), broker, tokens.get(id))) });
    }
    return {
      now: Date.now(),
      chosen: home.filters.length > 0,
      login: Boolean((RED.settings as { adminAuth?: unknown }).adminAuth),
      connections,
    };
  });
}

/** The files of the page. They hold no data, so no login is asked for. */
function pageRoutes(admin: Admin, folder: string): void {
  for (const [name, type] of Object.entries(FILES)) {
    const body = readFileSync(join(folder, name || 'home.html'));
    admin.get(
      `/dinox/home/${name}`,
      (request: Request & { path: string; baseUrl: string }, response: FileResponse) => {
        // Relative addresses in the page need the slash.
        if (name === '' && !request.path.endsWith('/')) {
          response.redirect('home/');
          return;
        }
        response
          .set('Content-Type', type)
          .set('Content-Security-Policy', POLICY)
          .set('X-Content-Type-Options', 'nosniff')
          .set('Referrer-Policy', 'no-referrer')
          // Asked for anew each time, so that a new version of the package arrives.
          .set('Cache-Control', 'no-cache')
          .end(body);
      },
    );
  }
}

interface FileResponse extends Response {
  redirect(where: string): void;
  end(body: Buffer): void;
}

/** `since`: `[[<connection>, <token>], …]` as JSON, from the answer before. */
function tokensIn({ query }: Pick<Request, 'query'>): Map<string, string> {
  const { since } = query;
  if (typeof since !== 'string' || since.length > MAX_TOKEN_LENGTH) return new Map();
  try {
    const tokens: unknown = JSON.parse(since);
    return new Map(
      Array.isArray(tokens)
        ? tokens.flatMap((one) => (Array.isArray(one) ? [[String(one[0]), String(one[1])] as const] : []))
        : [],
    );
  } catch {
    return new Map();
  }
}
