import type { NodeAPI } from 'node-red';

/** A handler of Node-RED's admin routes, in Express's form. */
export type AdminHandler = ReturnType<NodeAPI['auth']['needsPermission']>;
type Request = Parameters<AdminHandler>[0];

/**
 * Lets a request that changes something through only where it comes from the editor itself: JSON, which a form of
 * another site cannot send, and by the browser's own word not from another origin (Fetch Metadata §2.3). Older
 * browsers send `Origin`, which has to be this host, or the one that a proxy was asked for.
 */
export const fromTheEditor: AdminHandler = (request, response, next) => {
  if (isForeign(request)) {
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

function isForeign({ headers }: Request): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const { origin } = headers;
  if (origin === undefined) return false;
  const hosts = [headers.host, headers['x-forwarded-host']].flat();
  try {
    return !hosts.includes(new URL(origin).host);
  } catch {
    return true;
  }
}
