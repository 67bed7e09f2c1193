/** Stands between a client and the broker and watches SUBSCRIBE go and SUBACK come (MQTT 5 §3.8, §3.9). */
import { connect, createServer, type Socket } from 'node:net';

export interface Subscribing {
  /** SUBSCRIBE packets. */
  packets: number;
  /** From the first SUBSCRIBE to the last SUBACK, in milliseconds. */
  ms: number;
}

export class Wiretap {
  private readonly server = createServer((client) => this.accept(client));
  private readonly sockets = new Set<Socket>();
  private began = 0;
  private sent = 0;
  private v5 = false;
  private wanted = Number.POSITIVE_INFINITY;
  private finish: (result: Subscribing) => void = () => {};
  /** Filters that were answered so far. */
  private codes = 0;

  private constructor(private readonly brokerPort: number) {}

  static async start(brokerPort: number): Promise<Wiretap & { readonly port: number }> {
    const tap = new Wiretap(brokerPort);
    await new Promise<void>((resolve) => tap.server.listen(0, '127.0.0.1', resolve));
    return Object.assign(tap, { port: (tap.server.address() as { port: number }).port });
  }

  /** Counts from now on; resolves once `filters` filters have been answered. `v5` says how a SUBACK is read. */
  expect(filters: number, v5: boolean): Promise<Subscribing> {
    this.wanted = filters;
    this.v5 = v5;
    this.sent = 0;
    this.codes = 0;
    return new Promise((resolve) => {
      this.finish = resolve;
    });
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private accept(client: Socket): void {
    const broker = connect(this.brokerPort, '127.0.0.1');
    const pair = [client, broker] as const;
    for (const [index, socket] of pair.entries()) {
      const other = pair[1 - index] as Socket;
      const read = packets((type, body) => this.saw(type, body));
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('data', (data) => {
        read(data);
        other.write(data);
      });
      socket.on('error', () => {});
      socket.on('close', () => other.destroy());
    }
  }

  private saw(type: number, body: Buffer): void {
    if (type === 8) {
      if (this.sent === 0) this.began = performance.now();
      this.sent += 1;
    }
    if (type !== 9) return;
    // Packet id, on v5 the length of the properties (below 128 here) and these, then a code for each filter.
    this.codes += body.length - 2 - (this.v5 ? 1 + (body[2] ?? 0) : 0);
    if (this.codes < this.wanted) return;
    this.wanted = Number.POSITIVE_INFINITY;
    this.finish({ packets: this.sent, ms: performance.now() - this.began });
  }
}

/** Cuts a stream into packets (MQTT 5 §2.1). */
function packets(found: (type: number, body: Buffer) => void): (data: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (data) => {
    rest = rest.length > 0 ? Buffer.concat([rest, data]) : data;
    for (;;) {
      let length = 0;
      let at = 1;
      for (let shift = 0; ; shift += 7, at++) {
        const byte = rest[at];
        if (byte === undefined) return;
        length |= (byte & 0x7f) << shift;
        if (byte < 0x80) break;
      }
      const end = at + 1 + length;
      if (rest.length < end) return;
      found((rest[0] as number) >> 4, rest.subarray(at + 1, end));
      rest = rest.subarray(end);
    }
  };
}
