import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { pipeline } from 'node:stream';
import { plain } from '../../base/printable';
import { type AddressGuard, checkAddress, guardedLookup } from '../../net/locality';
import { type TlsSettings, verifies } from '../../net/tls';
import { SendError } from '../send-error';
import type { Attachment } from './attachment';

export interface PutOptions {
  url: URL;
  headers: Readonly<Record<string, string>>;
  tls?: TlsSettings | undefined;
  guard: AddressGuard;
  signal: AbortSignal;
  /** Milliseconds without progress after which it is given up. */
  idleMs: number;
}

/**
 * Puts a file to where a slot says (XEP-0363 §6). Redirections are not followed: they would lead past what was
 * checked. @throws SendError `upload-…`; none of them names the slot's address or headers, which are secrets.
 */
export function putFile(file: Attachment, options: PutOptions): Promise<void> {
  const { url, headers, tls, guard, signal, idleMs } = options;
  const { host } = url;
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      if (error instanceof SendError) reject(error);
      else reject(new SendError('upload-failed', { host: plain(host), why: whyOf(error) }));
    };
    try {
      checkAddress(url.hostname, guard);
    } catch (error) {
      failed(error as Error);
      return;
    }
    const common = {
      method: 'PUT',
      headers: { ...headers, 'content-type': file.type, 'content-length': String(file.size) },
      lookup: guardedLookup(guard) as LookupFunction,
      signal,
      timeout: idleMs,
      // A connection of its own: one that waits for another request would outlive the flow.
      agent: false as const,
    };
    const { servername: _forMqtt, ALPNProtocols: _mqttToo, pins: _notHere, ...settings } = tls ?? {};
    const request =
      url.protocol === 'https:'
        ? requestHttps(url, { ...common, ...settings, rejectUnauthorized: verifies(tls) })
        : requestHttp(url, common);
    request.once('timeout', () =>
      request.destroy(
        new SendError('upload-time', { host: plain(host), seconds: Math.round(idleMs / 1_000) }),
      ),
    );
    request.on('error', failed);
    request.once('response', (response: IncomingMessage) => {
      const { statusCode = 0 } = response;
      response.resume();
      if (statusCode >= 200 && statusCode < 300) resolve();
      else reject(new SendError('upload-status', { host: plain(host), status: statusCode }));
      // It may have answered before it had everything.
      request.destroy();
    });
    pipeline(file.open(), request, (error) => {
      if (error) failed(error);
    });
  });
}

function whyOf(error: NodeJS.ErrnoException): string {
  return plain(error.code ?? error.message, 120);
}
