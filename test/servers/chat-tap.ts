/**
 * What passes over the TLS lines of this process, read below everything that is tested: what a server really delivered,
 * and what it confirmed (XEP-0198), counted once more.
 */
import type { Socket } from 'node:net';
import tls, { type ConnectionOptions, type TLSSocket } from 'node:tls';

/** One way of a line: where counting begins, each count, and each stanza. */
const PARTS = /<(?:enabled? |a (?=[^>]*\bh=)|(?:message|presence|iq)(?=[ >/]))[^>]*>?/g;
const attribute = (text: string, name: string): string | undefined =>
  new RegExp(`\\s${name}=['"]([^'"]*)['"]`).exec(text)?.[1];

/** Stanzas of one way, and how many of them the other side said to have. */
class Way {
  private ids: (string | undefined)[] = [];
  private rest = '';

  /** @param count called with what the other way's stanzas are counted by. */
  read(text: string, count: (h: number) => void): void {
    this.rest += text;
    let end = 0;
    for (const match of this.rest.matchAll(PARTS)) {
      const [part] = match;
      if (!part.endsWith('>')) break;
      end = match.index + part.length;
      if (part.startsWith('<enable')) this.ids = [];
      else if (part.startsWith('<a ')) count(Number(attribute(part, 'h')));
      else this.ids.push(attribute(part, 'id'));
    }
    this.rest = this.rest.slice(Math.max(end, this.rest.lastIndexOf('<')));
  }

  first(count: number): (string | undefined)[] {
    return this.ids.slice(0, count);
  }
}

export class Tap {
  /** Ids of stanzas that the client said to have, by `port id`. */
  private readonly takenIds = new Set<string>();
  /** Ids of stanzas that the server said to have, by `port id`. */
  private readonly confirmedIds = new Set<string>();
  private readonly connect = tls.connect;

  constructor() {
    const tapped = (...args: Parameters<typeof tls.connect>): TLSSocket => {
      const socket = this.connect.apply(tls, args);
      const [options] = args as unknown as [ConnectionOptions];
      const below = options.socket as Socket | undefined;
      this.listen(socket, below?.remotePort ?? options.port ?? 0);
      return socket;
    };
    tls.connect = tapped as typeof tls.connect;
  }

  /** True if the client behind this port acknowledged that stanza, and so must have handed it on. */
  taken(port: number, id: string): boolean {
    return this.takenIds.has(`${port} ${id}`);
  }

  confirmed(port: number, id: string): boolean {
    return this.confirmedIds.has(`${port} ${id}`);
  }

  end(): void {
    tls.connect = this.connect;
  }

  private listen(socket: TLSSocket, port: number): void {
    const [out, back] = [new Way(), new Way()];
    const note = (set: Set<string>, way: Way) => (h: number) => {
      for (const id of way.first(h)) set.add(`${port} ${id}`);
    };
    const write = socket.write;
    socket.write = ((...args: Parameters<TLSSocket['write']>) => {
      out.read(String(args[0]), note(this.takenIds, back));
      return write.apply(socket, args);
    }) as typeof socket.write;
    socket.on('data', (chunk) => back.read(String(chunk), note(this.confirmedIds, out)));
  }
}
