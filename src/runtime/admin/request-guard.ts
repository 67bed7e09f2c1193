import type { NodeAPI } from 'node-red';
import type { TooOften } from '../../base/rate-limit';

/** A handler of Node-RED's admin routes, in Express's form. */
export type AdminHandler = ReturnType<NodeAPI['auth']['needsPermission']>;
type Request = Parameters<AdminHandler>[0];
type Response = Parameters<AdminHandler>[1];

/**
 * Lets a request that changes something through only where it comes from the editor itself: JSON, which a form of
 * another site cannot send, and by the browser's own word not from another origin (Fetch Metadata §2.3). Older
 * browsers send `Origin`, which has to be this host, or the one that a proxy was asked for.
 */
export const fromTheEditor: AdminHandler = (request, response, next) => {
  if (isForeign(request.headers)) {
    response.status(403).json({ error: 'origin' });
    return;
  }
  const hasBody = request.method === 'POST' || request.method === 'PUT';
  if (hasBody && !request.is('application/json')) {
    response.status(415).json({ error: 'json' });
    return;
  }
  next();
};

/** The answer to what was asked for too often (RFC 6585 §4): `{error: 'often', params: {seconds}}`. */
export function answerTooOften(response: Response, { seconds }: TooOften): void {
  response.set('Retry-After', String(seconds));
  response.status(429).json({ error: 'often', params: { seconds } });
}

/**
 * True if a browser says that the request comes from another site's page. `null`, which a sandbox sends, is no site.
 */
export function isForeign(headers: Request['headers']): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const { origin } = headers;
  if (origin === undefined) return false;
  const own = [headers.host, headers['x-forwarded-host']].flat().map((name) => name?.toLowerCase());
  try {
    return !own.includes(new URL(origin).host.toLowerCase());
  } catch {
    return true;
  }
}
