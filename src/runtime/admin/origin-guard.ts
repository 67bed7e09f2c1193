import { Refusal } from './refusal';

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Refuses requests that another site's page makes a browser send. A browser sends JSON across origins only after
 * asking, which Node-RED does not allow; besides, it says itself where a request comes from.
 * @param hasBody false for a DELETE, which has no content type
 * @throws Refusal
 */
export function refuseForeign(headers: Headers, hasBody: boolean): void {
  if (isForeign(headers)) throw new Refusal(403, 'origin');
  const [type = ''] = String(headers['content-type'] ?? '').split(';');
  if (hasBody && type.trim().toLowerCase() !== 'application/json') throw new Refusal(415, 'json');
}

/**
 * True if a browser says that the request comes from another site's page (Fetch Metadata §2.3). Older browsers send
 * `Origin`, which has to be this host, or the one that a proxy was asked for; `null`, which a sandbox sends, is no site.
 */
export function isForeign(headers: Headers): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const { origin } = headers;
  if (origin === undefined) return false;
  const own = [headers.host, headers['x-forwarded-host']].flat().map((name) => name?.toLowerCase());
  try {
    return !own.includes(new URL(String(origin)).host.toLowerCase());
  } catch {
    return true;
  }
}
