/**
 * What passes over the TLS lines of this process, read below everything that is tested: what a server really delivered,
 * and what it confirmed (XEP-0198), counted once more.
 */
import type { Socket } from 'node:net';
import tls, { type ConnectionOptions, type TLSSocket } from 'node:tls';

/** What the client wrote: where counting begins, and each stanza. */
const WRITTEN = /<enable xmlns=|<(?:message|presence|iq)(?=[ >/])[^>]*/g;
/** What the server wrote: its counts, and each message. */
const READ = /<a (?=[^>]*\bh=)[^>]*>|<message(?=[ >])[^>]*>/g;
const attribute = (text: string, name: string): string | undefined =>
  new RegExp(`\\s${name}=['"]([^'"]*)['"]`).exec(text)?.[1];

export class Tap {
  /** Ids of messages that came from a port, by `port id`. */
  readonly #came = new Set<string>();
  /** Ids of messages that the server on a port said to have, by `port id`. */
  readonly #confirmed = new Set<string>();
  readonly #connect = tls.connect;

  constructor() {
    const tapped = (...args: Parameters<typeof tls.connect>): TLSSocket => {
      const socket = this.#connect.apply(tls, args);
      const [options] = args as unknown as [ConnectionOptions];
      const below = options.socket as Socket | undefined;
      this.#listen(socket, below?.remotePort ?? options.port ?? 0);
      return socket;
    };
    tls.connect = tapped as typeof tls.connect;
  }

  came(port: number, id: string): boolean {
    return this.#came.has(`${port} ${id}`);
  }

  confirmed(port: number, id: string): boolean {
    return this.#confirmed.has(`${port} ${id}`);
  }

  end(): void {
    tls.connect = this.#connect;
  }

  #listen(socket: TLSSocket, port: number): void {
    let sent: (string | undefined)[] = [];
    const write = socket.write;
    socket.write = ((...args: Parameters<TLSSocket['write']>) => {
      for (const [stanza] of String(args[0]).matchAll(WRITTEN)) {
        if (stanza.startsWith('<enable')) sent = [];
        else sent.push(attribute(stanza, 'id'));
      }
      return write.apply(socket, args);
    }) as typeof socket.write;
    let rest = '';
    socket.on('data', (chunk) => {
      rest += String(chunk);
      let end = 0;
      for (const match of rest.matchAll(READ)) {
        end = match.index + match[0].length;
        const h = match[0].startsWith('<a') ? Number(attribute(match[0], 'h')) : 0;
        for (const id of sent.slice(0, h)) this.#confirmed.add(`${port} ${id}`);
        if (h === 0) this.#came.add(`${port} ${attribute(match[0], 'id')}`);
      }
      rest = rest.slice(Math.max(end, rest.lastIndexOf('<')));
    });
  }
}
