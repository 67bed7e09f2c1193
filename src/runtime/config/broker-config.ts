import { isIPv6 } from 'node:net';
import { text } from '../../base/catalogue';
import { textOf } from '../../base/coded-error';
import type { Text } from '../../base/text';
import type { Question, Secrets } from '../../discovery/types';
import { fingerprintOf } from '../../net/certificate-pins';
import { PAYLOAD_TYPES } from '../../servers/payload-types';
import type { MqttVersion, QoS } from '../../servers/types';
import { isFilter } from '../../topics/filter';
import type { Announcement, ClientSettings, PubsubSettings } from '../../transport/connection/client-types';
import { parseJid } from '../../xmpp/jid';
import type { XmppEndpoint } from '../../xmpp/stream/login-types';
import { publishProperties, userProperties } from './mqtt5-properties';
import { duration, flag, oneOf, type Problem, parsedObject, trimmed, whole } from './raw-fields';

/** The version that the editor writes into `configVersion`. */
export const CONFIG_VERSION = 1;

/** A `dinox-broker` from a flow file of any age, or a `mqtt-broker` of core's with the type exchanged. */
export type RawBroker = Readonly<Record<string, unknown>>;

export interface RawCredentials {
  password?: string;
  user?: string;
  mqttPassword?: string;
}

/** A `dinox-broker`'s settings, normalised once; nothing behind it sees editor strings. */
export interface BrokerConfig
  extends Pick<
    ClientSettings,
    'question' | 'secrets' | 'keepalive' | 'cleanSession' | 'sessionExpiry' | 'userProperties'
  > {
  /** Empty: made from the node's id. */
  clientId: string;
  birth: Announcement | undefined;
  close: Announcement | undefined;
  will: Announcement | undefined;
  payloadType: string;
  pubsub: PubsubSettings;
  /** Certificates that are trusted by their fingerprint: SHA-256 as 64 hexadecimal digits in upper case. */
  trusted: string[];
  limits: ClientSettings['limits'];
  /** Resource of the XMPP session. Empty: made from the node's id. */
  resource: string;
  presence: 'available' | 'away' | 'dnd' | 'none';
  /** -128 to 127 (RFC 6121 §4.7.2.3). */
  priority: number;
  /** True if messages that wait for the connection are kept on disk. */
  queuePersist: boolean;
  autoConnect: boolean;
  autoUnsubscribe: boolean;
  /** Filters that are recorded beside what flows receive. */
  watch: string[];
  /** True if the flow asks for no verification, as old ones of core's do: it is verified all the same, and errors say why. */
  askedUnverified: boolean;
  /** True if the host was typed as `localhost` or `127.0.0.1`; core marks the messages of such a broker. */
  isThisMachine: boolean;
  /** True without a JID and a host: a node fresh from the palette. */
  unconfigured: boolean;
  problems: Problem[];
}

/** Most fingerprints in `trusted`; further ones are ignored. */
const MAX_TRUSTED = 20;
/** Most filters in `watch`; further ones are ignored. */
const MAX_WATCHED = 100;
/** Access and publish models of a node: who may subscribe, and who may publish (XEP-0060 §4.5). */
const ACCESS_MODELS = ['whitelist', 'open', 'presence', 'roster', 'authorize'] as const;
const PUBLISH_MODELS = ['publishers', 'subscribers', 'open'] as const;
/** Limits of `pubsubPoll`, in milliseconds. */
const MIN_POLL = 10_000;
const MAX_POLL = 3_600_000;
const SERVER_TYPES = ['ejabberd', 'prosody', 'mosquitto'] as const;

/** Reads a raw node. Never throws: errors are in `problems`. */
export function brokerConfig(source: RawBroker, credentials: RawCredentials = {}): BrokerConfig {
  const raw = migrate(source);
  const problems: Problem[] = [];
  const question = questionOf(raw, problems);
  return {
    question,
    secrets: secretsOf(raw, credentials, question, problems),
    clientId: trimmed(raw.clientid),
    keepalive: whole(raw.keepalive, 'keepalive', 0, 65_535, 60, problems),
    cleanSession: flag(raw.cleansession, true),
    sessionExpiry:
      whole(
        raw.sessionExpiry ?? raw.sessionExpiryInterval,
        'sessionExpiry',
        0,
        0xffff_ffff,
        undefined,
        problems,
      ) || undefined,
    userProperties: userProperties(parsedObject(raw.userProperties ?? raw.userProps)),
    birth: announcement(raw, 'birth', problems),
    close: announcement(raw, 'close', problems),
    will: announcement(raw, 'will', problems),
    payloadType: oneOf(raw.payloadType, 'payloadType', PAYLOAD_TYPES, 'json', problems),
    pubsub: {
      access: oneOf(raw.nodeAccess, 'nodeAccess', ACCESS_MODELS, 'whitelist', problems),
      publish: oneOf(raw.nodePublish, 'nodePublish', PUBLISH_MODELS, 'publishers', problems),
      maxItems: whole(raw.nodeMaxItems, 'nodeMaxItems', 1, 10_000, 1, problems),
      poll: pollOf(raw.pubsubPoll, problems),
    },
    trusted: fingerprintsOf(raw.trusted, problems),
    limits: {
      messages: whole(raw.queueMessages, 'queueMessages', 0, 1_000_000, 10_000, problems),
      bytes: whole(raw.queueBytes, 'queueBytes', 0, 2 ** 40, 16_777_216, problems),
      ttl: duration(raw.queueTtl, 'queueTtl', 3_600_000, problems),
    },
    resource: resourceOf(trimmed(raw.resource), problems),
    presence: oneOf(raw.presence, 'presence', ['available', 'away', 'dnd', 'none'], 'available', problems),
    priority: whole(raw.priority, 'priority', -128, 127, 0, problems),
    queuePersist: flag(raw.queuePersist, false),
    autoConnect: flag(raw.autoConnect, true),
    autoUnsubscribe: flag(raw.autoUnsubscribe, true),
    watch: filtersOf(raw.watch),
    askedUnverified: question.usetls && !flag(raw.verifyservercert, true),
    isThisMachine: ['localhost', '127.0.0.1'].includes(trimmed(raw.host)),
    unconfigured: question.host === undefined && !trimmed(raw.jid),
    problems,
  };
}

/** Fingerprints between line ends, blanks, commas or semicolons. One that cannot be read trusts nobody, and says so. */
function fingerprintsOf(value: unknown, problems: Problem[]): string[] {
  const given = trimmed(value)
    .split(/[\s,;]+/)
    .filter((one) => one !== '');
  const wrong = given.find((one) => fingerprintOf(one) === undefined);
  if (wrong !== undefined) {
    problems.push({
      field: 'trusted',
      text: text('config.fingerprints', { given: wrong.slice(0, 80) }),
    });
  }
  return [...new Set(given.map(fingerprintOf))].filter((one) => one !== undefined).slice(0, MAX_TRUSTED);
}

/** The wait between two looks at the nodes of a PubSub service, in milliseconds. */
function pollOf(value: unknown, problems: Problem[]): number {
  const ms = duration(value, 'pubsubPoll', 60_000, problems);
  if (ms >= MIN_POLL && ms <= MAX_POLL) return ms;
  problems.push({ field: 'pubsubPoll', text: text('config.poll', { given: trimmed(value).slice(0, 40) }) });
  return 60_000;
}

/** Filters, one a line; invalid ones are left out, since the dialog marks them. */
function filtersOf(value: unknown): string[] {
  const lines = trimmed(value)
    .split('\n')
    .map((line) => line.trim());
  return [...new Set(lines)].slice(0, MAX_WATCHED).filter(isFilter);
}

/** Renames old fields to present ones; missing ones keep core's defaults, which the readers above hold. */
export function migrate(raw: RawBroker): RawBroker {
  const version = Number(raw.configVersion ?? 0);
  if (version >= CONFIG_VERSION) return raw;
  // Before version 1, and in flows of core's: `broker` is the host and `url` all of it.
  const host = trimmed(raw.host) || trimmed(raw.url) || trimmed(raw.broker);
  return { ...raw, host };
}

function questionOf(raw: RawBroker, problems: Problem[]): Question {
  const jidText = trimmed(raw.jid);
  let jid: Question['jid'];
  if (jidText) {
    try {
      jid = parseJid(jidText);
    } catch (error) {
      problems.push({ field: 'jid', text: textOf(error) });
    }
  }
  const address = hostOf(
    trimmed(raw.host) || trimmed(raw.broker),
    flag(raw.usews, false),
    flag(raw.usetls, false),
    problems,
  );
  const port = whole(raw.port, 'port', 1, 65_535, undefined, problems);
  const xmppService = xmppServiceOf(trimmed(raw.xmppService), problems);
  const pubsubService = trimmed(raw.pubsubService);
  const transport = oneOf(raw.transport, 'transport', ['auto', 'mqtt', 'pubsub'], 'auto', problems);
  if (transport === 'pubsub' && !jidText) problems.push({ field: 'jid', text: text('config.pubsubJid') });
  if (transport === 'pubsub' && pubsubService && !isService(pubsubService, jid)) {
    const given = pubsubService.slice(0, 80);
    problems.push({ field: 'pubsubService', text: text('config.pubsubService', { given }) });
  }
  // In core's node an empty host is this machine.
  const host = address.host ?? (jidText || raw.broker === undefined ? undefined : 'localhost');
  return {
    ...(jid ? { jid } : {}),
    serverType: oneOf(raw.serverType, 'serverType', ['auto', ...SERVER_TYPES], 'auto', problems),
    ...(host === undefined ? {} : { host }),
    ...(address.scheme ? { scheme: address.scheme } : {}),
    ...((address.port ?? port) === undefined ? {} : { port: address.port ?? port }),
    ...(address.path ? { path: address.path } : {}),
    usetls: flag(raw.usetls, false) || address.scheme === 'mqtts' || address.scheme === 'wss',
    useXmppCredentials: flag(raw.useXmppCredentials, true),
    transport,
    ...(pubsubService ? { pubsubService } : {}),
    ...(xmppService ? { xmppService } : {}),
    protocolVersion: versionOf(raw, problems),
    allowUnencrypted: flag(raw.allowUnencrypted, false),
  } as Question;
}

/** A domain, or the account itself with its personal nodes (XEP-0163). */
function isService(typed: string, account: Question['jid']): boolean {
  try {
    const { bare, local, resource } = parseJid(typed);
    return bare === typed && resource === '' && (local === '' || bare === account?.bare);
  } catch {
    return false;
  }
}

function secretsOf(
  raw: RawBroker,
  credentials: RawCredentials,
  question: Question,
  problems: Problem[],
): Secrets {
  const { password, user, mqttPassword } = credentials;
  // Credentials that came over from core's node: its `password` is the MQTT one, and must not go to the XMPP server.
  const isCores = user !== undefined && user !== '' && !mqttPassword && trimmed(raw.broker) !== '';
  if (!trimmed(raw.jid) || isCores) {
    if (trimmed(raw.jid) && question.useXmppCredentials) {
      problems.push({
        field: 'password',
        text: text('config.passwordOfUser'),
      });
    }
    // Without an account `password` is core's name for the MQTT password; our own name wins.
    const forMqtt = mqttPassword || password;
    return { ...(user ? { user } : {}), ...(forMqtt ? { mqttPassword: forMqtt } : {}) };
  }
  return {
    ...(password ? { password } : {}),
    ...(user ? { user } : {}),
    ...(mqttPassword ? { mqttPassword } : {}),
  };
}

interface HostParts {
  host?: string;
  scheme?: 'mqtt' | 'mqtts' | 'ws' | 'wss';
  port?: number;
  path?: string;
}

const SCHEMES: Readonly<Record<string, HostParts['scheme']>> = {
  'mqtt:': 'mqtt',
  'tcp:': 'mqtt',
  'mqtts:': 'mqtts',
  'ssl:': 'mqtts',
  'tls:': 'mqtts',
  'ws:': 'ws',
  'wss:': 'wss',
};

function hostOf(value: string, useWs: boolean, useTls: boolean, problems: Problem[]): HostParts {
  if (value === '') return {};
  const given = value.slice(0, 80);
  const wrong = (why: Text): HostParts => {
    problems.push({ field: 'host', text: why });
    return { host: value.slice(0, 255) };
  };
  if (!value.includes('://')) {
    const bare = value.replace(/^\[(.*)\]$/, '$1');
    if (isIPv6(bare.split('%', 1)[0] ?? '')) return { host: bare };
    if (value.includes('/')) return wrong(text('config.hostPath', { given }));
    if (value.includes(':')) return wrong(text('config.hostColon', { given }));
    if (/[\s@?#<>"%\\\p{Cc}]/u.test(value)) return wrong(text('config.hostName', { given }));
    return { host: value, ...(useWs ? { scheme: useTls ? ('wss' as const) : ('ws' as const) } : {}) };
  }
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    return wrong(text('config.hostUrl', { given }));
  }
  const scheme = SCHEMES[url.protocol];
  if (!scheme) return wrong(text('config.hostScheme', { scheme: url.protocol }));
  if (url.username || url.password) return wrong(text('config.hostLogin'));
  if (!url.hostname) return wrong(text('config.hostNone', { given }));
  const isWeb = scheme === 'ws' || scheme === 'wss';
  const webPort = scheme === 'wss' ? 443 : 80;
  const port = url.port ? Number(url.port) : isWeb ? webPort : undefined;
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    scheme,
    ...(port === undefined ? {} : { port }),
    ...(isWeb ? { path: `${url.pathname || '/'}${url.search}` } : {}),
  };
}

function xmppServiceOf(value: string, problems: Problem[]): XmppEndpoint | undefined {
  if (value === '') return undefined;
  const match = /^(xmpps?):\/\/(\[[0-9a-f:.%]+\]|[^\s/:@[\]#?%\\\p{Cc}]+)(?::(\d{1,5}))?\/?$/iu.exec(value);
  const port = match?.[3] === undefined ? undefined : Number(match[3]);
  if (!match?.[2] || (port !== undefined && (port < 1 || port > 65_535))) {
    problems.push({
      field: 'xmppService',
      text: text('config.xmppService', { given: value.slice(0, 80) }),
    });
    return undefined;
  }
  const directTls = match[1]?.toLowerCase() === 'xmpps';
  return { host: match[2].replace(/^\[(.*)\]$/, '$1'), port: port ?? (directTls ? 5223 : 5222), directTls };
}

/** The resource if RFC 7622 §3.4 allows it; else empty, with a problem. */
function resourceOf(value: string, problems: Problem[]): string {
  if (/^[^\p{Cc}\p{Cs}]*$/u.test(value) && Buffer.byteLength(value) <= 1_023) return value;
  problems.push({ field: 'resource', text: text('config.resource') });
  return '';
}

function versionOf(raw: RawBroker, problems: Problem[]): 'auto' | MqttVersion {
  if (flag(raw.compatmode, false)) return 3;
  const value = trimmed(raw.protocolVersion);
  if (value === '') return 4;
  if (value === 'auto') return 'auto';
  const version = Number(value);
  if (version === 3 || version === 4 || version === 5) return version;
  problems.push({
    field: 'protocolVersion',
    text: text('config.version', { given: value.slice(0, 40) }),
  });
  return 4;
}

/** A birth, close or will message in core's fields: `birthTopic`, `birthPayload`, `birthQos`, `birthRetain`, `birthMsg`. */
function announcement(
  raw: RawBroker,
  kind: 'birth' | 'close' | 'will',
  problems: Problem[],
): Announcement | undefined {
  const topic = trimmed(raw[`${kind}Topic`]);
  if (!topic) return undefined;
  if (/[+#\0]/.test(topic)) {
    problems.push({ field: `${kind}Topic`, text: text('config.topic', { given: topic.slice(0, 60) }) });
    return undefined;
  }
  const more = parsedObject(raw[`${kind}Msg`]) ?? {};
  const properties = publishProperties({
    responseTopic: more.responseTopic ?? more.respTopic,
    contentType: more.contentType,
    correlationData: more.correlationData ?? more.correl,
    messageExpiryInterval: more.messageExpiryInterval ?? more.expiry,
    userProperties: parsedObject(more.userProperties ?? more.userProps),
  });
  const delay = whole(
    more.willDelayInterval ?? more.delay,
    `${kind}Msg.delay`,
    0,
    0xffff_ffff,
    undefined,
    problems,
  );
  return {
    topic,
    payload: payloadText(raw[`${kind}Payload`]),
    qos: whole(raw[`${kind}Qos`], `${kind}Qos`, 0, 2, 0, problems) as QoS,
    retain: flag(raw[`${kind}Retain`], false),
    ...(properties ? { properties } : {}),
    ...(kind === 'will' && delay !== undefined ? { willDelayInterval: delay } : {}),
  };
}

function payloadText(value: unknown): string | Buffer {
  if (value === undefined || value === null) return '';
  if (Buffer.isBuffer(value) || typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
