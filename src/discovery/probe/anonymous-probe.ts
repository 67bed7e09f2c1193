import { isIP, type LookupFunction } from 'node:net';
import { type TextKey, text } from '../../base/catalogue';
import type { Text } from '../../base/text';
import type { TlsSettings } from '../../net/tls';
import { verifies } from '../../net/tls';
import type { ProbeAnswer, ProbeRequest, ServerGuess } from '../lookups';
import { connectPacket, DISCONNECT, type Packet, readPacket, subscribePacket } from './probe-packets';
import { type Line, LineFault, openLine } from './probe-socket';

export interface ProbeSettings {
  tls?: TlsSettings | undefined;
  lookup?: LookupFunction | undefined;
}

/** Plain topic that nobody uses: Prosody's bridge refuses it, brokers accept it. */
const PROBE_TOPIC = 'dinox-probe';
/** Longest wait for a SUBACK, in milliseconds: Debian 12's bridge never sends one, a working one does within milliseconds. */
const SUBACK_WITHIN_MS = 1_500;

/**
 * Connects without any login and reads the broker's answers. Measured differences between the servers:
 * - v5 CONNACK 0: an open broker; v5 CONNACK 0x87 and the like: a login is needed. ejabberd and Mosquitto send
 *   the same bytes then, but ejabberd refuses MQTT 3.1 as an unknown version (1) and Mosquitto as unauthorised;
 * - v5 refused with code 1 (MQTT 3.1.1 only): Prosody's bridge refuses a SUBSCRIBE to a plain topic, other
 *   brokers accept it; an old bridge does not answer at all.
 */
export async function probeMqtt(
  request: ProbeRequest,
  settings: ProbeSettings,
  signal: AbortSignal,
): Promise<ProbeAnswer> {
  const deadline = performance.now() + request.timeoutMs;
  let opened: Line | undefined;
  try {
    const names = request.tls ? request.servernames : request.servernames.slice(0, 1);
    let servername = names[0] ?? request.host;
    for (const name of names.length > 0 ? names : [request.host]) {
      const line = await open(request, settings, name, deadline, signal);
      // Another name may get another certificate if the server chooses by SNI.
      const better = opened === undefined || !line.fault;
      if (better) {
        opened?.close();
        [opened, servername] = [line, name];
      } else {
        line.close();
      }
      if (opened?.fault?.kind !== 'wrong-name') break;
    }
    const line = opened as Line;
    const tls = !request.tls
      ? undefined
      : line.fault
        ? { servername, fault: line.fault }
        : { servername, ...(line.pinned && { pinned: true }) };
    const base = { ok: true as const, address: line.address, ...(tls && { tls }) };
    if (request.webSocket || (line.fault && verifies(settings.tls))) return base;
    const again = () => open(request, settings, servername, deadline, signal);
    return { ...base, mqtt: await speak(line, again) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof LineFault)) throw error;
    const address = error.address ?? opened?.address;
    return { ok: false, failure: error.code, text: error.text, ...(address && { address }) };
  } finally {
    opened?.close();
  }
}

function open(
  request: ProbeRequest,
  settings: ProbeSettings,
  servername: string,
  deadline: number,
  signal: AbortSignal,
): Promise<Line> {
  return openLine(
    {
      host: request.host,
      port: request.port,
      deadline,
      lookup: settings.lookup,
      tls: request.tls
        ? { settings: settings.tls, servername: isIP(servername) ? '' : servername, expected: servername }
        : undefined,
    },
    signal,
  );
}

type Spoken = NonNullable<Extract<ProbeAnswer, { ok: true }>['mqtt']>;

async function speak(line: Line, again: () => Promise<Line>): Promise<Spoken> {
  const first = await ask(line, connectPacket(5));
  line.close();
  if (first === 'closed') {
    // Old brokers close on a version that they do not know.
    const old = await once(again, connectPacket(4));
    if (old === 'closed') throw new LineFault('mqtt', text('net.closedMqtt'), line.address);
    return withVersion4(again, text('discovery.closed5'));
  }
  const code = connackCode(first, line.address);
  // A v5 CONNACK has at least an empty list of properties; the bridge that Debian 12 ships ignores the version.
  if (code === 0 && first.body.length < 3) return withVersion4(again, text('discovery.was311'));
  if (code === 0) return { guess: 'mosquitto', version: 5, open: true, text: text('discovery.open5') };
  if (code === 1 || code === 0x84) return withVersion4(again, text('discovery.refused5'));
  const refused = text('discovery.openRefused', { reason: reason(code) });
  if (code !== 5 && code !== 4 && code !== 0x86 && code !== 0x87) {
    return { guess: 'unknown', version: 5, open: false, text: refused };
  }
  const older = await once(again, connectPacket(3)).catch(() => 'closed' as const);
  const refusedVersion = older !== 'closed' && older.type === 2 && older.body[1] === 1;
  const guess: ServerGuess = refusedVersion ? 'ejabberd' : older === 'closed' ? 'unknown' : 'mosquitto';
  return { guess, version: 5, open: false, text: refused };
}

async function withVersion4(again: () => Promise<Line>, first: Text): Promise<Spoken> {
  const line = await again();
  try {
    const answer = await ask(line, connectPacket(4));
    if (answer === 'closed') return { guess: 'unknown', version: 4, open: false, text: first };
    const code = connackCode(answer, line.address);
    if (code !== 0) {
      return {
        guess: 'mosquitto',
        version: 4,
        open: false,
        text: text('discovery.openRefusedToo', { text: first, reason: reason(code) }),
      };
    }
    const suback = await ask(line, subscribePacket(PROBE_TOPIC), SUBACK_WITHIN_MS).catch(
      () => 'closed' as const,
    );
    const accepted = suback !== 'closed' && suback.type === 9 && (suback.body[2] ?? 0x80) < 3;
    if (accepted) return { guess: 'mosquitto', version: 4, open: true, text: first };
    return {
      guess: 'prosody',
      version: 4,
      open: true,
      subscribes: suback !== 'closed' && suback.type === 9,
      text: text('discovery.open311', { text: first }),
    };
  } finally {
    line.close(DISCONNECT);
  }
}

async function once(again: () => Promise<Line>, packet: Buffer): Promise<Packet | 'closed'> {
  const line = await again();
  try {
    return await ask(line, packet);
  } finally {
    line.close(DISCONNECT);
  }
}

/** Sends and waits for the first packet that comes back. */
async function ask(line: Line, bytes: Buffer, withinMs?: number): Promise<Packet | 'closed'> {
  line.write(bytes);
  let read = Buffer.alloc(0);
  for (;;) {
    const chunk = await line.read(withinMs);
    if (chunk === undefined) return 'closed';
    read = Buffer.concat([read, chunk]);
    try {
      const found = readPacket(read);
      if (found) return found.packet;
    } catch {
      throw notMqtt(line.address);
    }
  }
}

function connackCode(packet: Packet, address: string): number {
  const code = packet.body[1];
  if (packet.type !== 2 || code === undefined) throw notMqtt(address);
  return code;
}

function notMqtt(address: string): LineFault {
  return new LineFault('mqtt', text('net.notMqtt'), address);
}

function reason(code: number): Text {
  const name = NAMES[code];
  return name ? text('discovery.codeNamed', { code, name: text(name) }) : text('discovery.code', { code });
}

/** CONNACK codes: 3.1.1 §3.2.2.3 and MQTT 5 §3.2.2.2. */
const NAMES: Readonly<Record<number, TextKey>> = {
  1: 'discovery.unknownVersion',
  2: 'code.2',
  3: 'code.3',
  4: 'code.4',
  5: 'code.5',
  134: 'code.134',
  135: 'code.135',
  136: 'code.136',
  138: 'code.138',
};
