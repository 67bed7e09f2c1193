/** A network of tables for the resolution: what is not in them does not exist. */

import { text, words } from '../../../src/base/catalogue';
import type { Lookups, ProbeAnswer, ProbeRequest, ServerGuess } from '../../../src/discovery/lookups';
import type { Question } from '../../../src/discovery/types';
import type { SrvAnswer } from '../../../src/net/srv';
import type { TlsFault } from '../../../src/net/tls-fault';
import { parseJid } from '../../../src/xmpp/jid';
import type { XmppAnswer, XmppRequest } from '../../../src/xmpp/stream/login-types';

export interface FakeNetwork {
  /** By `_service` for the account's domain: `host:port priority weight`, or `.`, or `fail`. */
  srv?: Record<string, string[]>;
  /** By `xmpp://host:port` or `xmpps://host:port`. */
  xmpp?: Record<string, XmppAnswer | 'hang'>;
  /** By `mqtt://host:port` or `mqtts://host:port`. */
  mqtt?: Record<string, ProbeAnswer | 'hang'>;
  verify?: boolean;
  servername?: string;
  random?: () => number;
}

export interface Asked {
  srv: string[];
  xmpp: XmppRequest[];
  mqtt: ProbeRequest[];
  /** Look-ups and timers that have not ended. */
  open: number;
}

export function fakeNetwork(network: FakeNetwork): Lookups & { asked: Asked } {
  const asked: Asked = { srv: [], xmpp: [], mqtt: [], open: 0 };
  const hang = <T>(signal: AbortSignal) =>
    new Promise<T>((_resolve, reject) => {
      asked.open++;
      signal.addEventListener('abort', () => {
        asked.open--;
        reject(signal.reason);
      });
    });
  return {
    asked,
    now: () => Date.now(),
    steady: () => performance.now(),
    random: network.random ?? (() => 0.5),
    after(ms, call) {
      asked.open++;
      let open = true;
      const end = () => {
        if (open) asked.open--;
        open = false;
      };
      const timer = setTimeout(() => {
        end();
        call();
      }, ms);
      return () => {
        clearTimeout(timer);
        end();
      };
    },
    verify: network.verify ?? true,
    servername: network.servername,
    ports: { xmpp: 5222, mqtt: 1883, mqtts: 8883 },
    async srv(name): Promise<SrvAnswer> {
      asked.srv.push(name);
      const lines = network.srv?.[name.split('.')[0] ?? ''];
      if (!lines) return { kind: 'none' };
      if (lines[0] === 'fail') return { kind: 'failed', reason: words('DNS did not answer in time') };
      const records = lines.map((line) => {
        const [target = '', priority = '0', weight = '0'] = line.split(' ');
        const [name = '', port = '0'] = target === '.' ? [''] : target.split(':');
        return { name, port: Number(port), priority: Number(priority), weight: Number(weight) };
      });
      return { kind: 'records', records };
    },
    async xmpp(request, signal) {
      asked.xmpp.push(request);
      const where = `${request.directTls ? 'xmpps' : 'xmpp'}://${request.host}:${request.port}`;
      const answer = network.xmpp?.[where];
      if (answer === 'hang') return hang(signal);
      return answer ?? { ok: false, failure: 'network', text: text('net.nothingListens', { where }) };
    },
    async probe(request, signal) {
      asked.mqtt.push(request);
      const where = `${request.tls ? 'mqtts' : 'mqtt'}://${request.host}:${request.port}`;
      const answer = network.mqtt?.[where];
      if (answer === 'hang') return hang(signal);
      return answer ?? { ok: false, failure: 'closed', text: text('net.nothingListens', { where }) };
    },
  };
}

export const LOCAL = '192.168.1.5';
export const REMOTE = '203.0.113.10';

/** An XMPP server that lets the account in. */
export function online(software: string | undefined, services: { pubsub?: string } = {}): XmppAnswer {
  return {
    ok: true,
    address: REMOTE,
    encrypted: true,
    verified: true,
    ...(software && { software }),
    identities: [],
    services,
  };
}

/** A broker without TLS. */
export function plain(guess: ServerGuess, address = LOCAL, open = guess !== 'ejabberd'): ProbeAnswer {
  return {
    ok: true,
    address,
    mqtt: {
      guess,
      version: guess === 'prosody' ? 4 : 5,
      open,
      ...(guess === 'prosody' && { subscribes: true }),
      text: words('an answer'),
    },
  };
}

/** A broker with TLS whose certificate is valid for `servername`. */
export function secure(
  guess: ServerGuess,
  servername: string,
  address = REMOTE,
  open = guess !== 'ejabberd',
): ProbeAnswer {
  return { ...(plain(guess, address, open) as Extract<ProbeAnswer, { ok: true }>), tls: { servername } };
}

/** A broker whose certificate does not hold. */
export function faulty(kind: TlsFault['kind'], servername: string, address = REMOTE): ProbeAnswer {
  return {
    ok: true,
    address,
    tls: { servername, fault: { kind, text: words(`the certificate is faulty (${kind})`) } },
  };
}

export const handshakeFails: ProbeAnswer = {
  ok: false,
  failure: 'tls',
  text: words('what answers there does not speak TLS'),
  address: LOCAL,
};
export const silent: ProbeAnswer = { ok: false, failure: 'silent', text: words('no answer') };

/** The defaults of the dialog with a JID, changed by `fields`; `jid: undefined` takes it out. */
export function ask(fields: Partial<Omit<Question, 'jid'>> & { jid?: string | undefined } = {}): Question {
  const { jid = 'anna@example.org', ...rest } =
    'jid' in fields && fields.jid === undefined ? { ...fields, jid: '' } : fields;
  return {
    ...(jid !== '' && { jid: parseJid(jid) }),
    serverType: 'auto',
    usetls: true,
    useXmppCredentials: true,
    transport: 'auto',
    protocolVersion: 'auto',
    allowUnencrypted: false,
    ...rest,
  };
}
