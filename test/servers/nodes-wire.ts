/** What went over a proxy's line: the nodes' MQTT packets, and whether a password is among it. */
import type { Packet } from 'mqtt';
import { codec } from '../conformance/wire';
import type { Proxy as Line } from '../support/servers/index';

/** The MQTT packets that clients sent over a proxy, or that the server sent, connection by connection; an encrypted line has none. */
export function packetsOf(proxy: Line, side: 'captured' | 'capturedFromServer' = 'captured'): Packet[][] {
  return Array.from({ length: proxy.accepted }, (_item, connection) => {
    const packets: Packet[] = [];
    const bytes = proxy.captured(connection);
    // The protocol's level stands behind its name (MQTT 5 §3.1.2.2).
    const parser = codec.parser({ protocolVersion: bytes[bytes.indexOf('MQTT') + 4] ?? 4 });
    parser.on('packet', (packet) => packets.push(packet));
    // Somebody who looks in, such as the probe, may hang up in the middle of a packet.
    (parser as unknown as { on(event: 'error', listener: () => void): void }).on('error', () => {});
    parser.parse(proxy[side](connection));
    return packets;
  });
}

type PacketOf<C extends Packet['cmd']> = Extract<Packet, { cmd: C }>;

/** All packets of one kind that the nodes sent over a proxy; the search for the broker, which looks in too, is left out. */
export function sent<C extends Packet['cmd']>(proxy: Line, cmd: C): PacketOf<C>[] {
  return packetsOf(proxy)
    .filter(([first]) => first?.cmd === 'connect' && !isProbe(first.clientId))
    .flat()
    .filter((packet): packet is PacketOf<C> => packet.cmd === cmd);
}

/** CONNECT packets that the nodes' connection sent. */
export function connects(proxy: Line): PacketOf<'connect'>[] {
  return sent(proxy, 'connect');
}

/** CONNECT packets with a login. */
export function logins(proxy: Line): PacketOf<'connect'>[] {
  return packetsOf(proxy)
    .flat()
    .filter((packet): packet is PacketOf<'connect'> => packet.cmd === 'connect')
    .filter(({ username }) => username !== undefined);
}

/** The search asks without a client id, or on MQTT 3.1, which needs one, with this. */
function isProbe(clientId: string): boolean {
  return clientId === '' || clientId === 'dinox-probe';
}

/**
 * Every way in which a password may stand in a text: as it is, in a URL, in hex, and in base64, where what stands
 * before it (a user name, most of all) shifts it by nought, one or two bytes.
 */
export function traces(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The first and the last letters hold bits of what stands beside it.
    const whole = (shift + bytes.length) % 3 === 0;
    return text.slice([0, 2, 3][shift], whole ? undefined : -1);
  });
  return [...new Set([secret, encodeURIComponent(secret), hex, hex.toUpperCase(), ...base64])];
}
