import { text } from '../../base/catalogue';
import { readPoll } from '../../base/duration';
import type { Fault } from '../../base/fault';
import { FIELD_RANGES } from '../../base/field-ranges';
import type { Text } from '../../base/text';
import { readWhole } from '../../base/whole-number';
import { MAX_BOT_NAME } from '../../bots/bot-status';
import type { Question, Secrets } from '../../discovery/types';
import { DEFAULT_PREFIX } from '../../homeassistant/announcement';
import { readFingerprints } from '../../net/fingerprint';
import { type HostParts, readHost, readXmppService } from '../../net/host';
import { PAYLOAD_TYPES } from '../../servers/payload-types';
import type { MqttVersion, QoS } from '../../servers/types';
import { isFilter, topicFault } from '../../topics/filter';
import type { Announcement, ClientSettings, PubsubSettings } from '../../transport/connection/client-types';
import { readAccount, readService, resourceFault } from '../../xmpp/jid-grammar';
import { publishProperties, userProperties } from './mqtt5-properties';
import { duration, flag, oneOf, type Problem, parsedObject, readField, trimmed, whole } from './raw-fields';

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
  /** True if this bot tells its status to everybody. */
  botStatus: boolean;
  /** Empty: local part of the JID, else the client id. */
  botId: string;
  /** Empty: the node's name, else the id. */
  botName: string;
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
  /** How far back its values are kept. */
  history: (typeof HISTORIES)[number];
  /** Prefix of Home Assistant's discovery, without a slash at its end. */
  discoveryPrefix: string;
  /** True if its state is shown in Home Assistant. */
  showInHomeAssistant: boolean;
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
/** Longest name in DNS, in characters. */
const MAX_HOST = 255;
/** Access and publish models of a node: who may subscribe, and who may publish (XEP-0060 §4.5). */
const ACCESS_MODELS = ['whitelist', 'open', 'presence', 'roster', 'authorize'] as const;
const PUBLISH_MODELS = ['publishers', 'subscribers', 'open'] as const;
const HISTORIES = ['24h', '7d'] as const;
const SERVER_TYPES = ['ejabberd', 'prosody', 'mosquitto'] as const;

/** Why a connection cannot be made of these fields. */
export function whyUnusable({ problems: [problem] }: BrokerConfig): Text {
  return problem
    ? text('config.cannotConnect', { field: problem.field, text: problem.text })
    : text('config.unconfigured');
}

/** Reads a raw node. Never throws: errors are in `problems`. */
export function brokerConfig(source: RawBroker, credentials: RawCredentials = {}): BrokerConfig {
  const raw = migrate(source);
  const problems: Problem[] = [];
  const question = questionOf(raw, problems);
  return {
    question,
    secrets: secretsOf(raw, credentials, question, problems),
    clientId: trimmed(raw.clientid),
    botStatus: flag(raw.botStatus, false),
    botId: trimmed(raw.botId).slice(0, MAX_BOT_NAME),
    botName: (trimmed(raw.botName) || trimmed(raw.name)).slice(0, MAX_BOT_NAME),
    keepalive: whole(raw.keepalive, 'keepalive', 60, problems),
    cleanSession: flag(raw.cleansession, true),
    sessionExpiry:
      whole(raw.sessionExpiry ?? raw.sessionExpiryInterval, 'sessionExpiry', undefined, problems) ||
      undefined,
    userProperties: userProperties(parsedObject(raw.userProperties ?? raw.userProps)),
    birth: announcement(raw, 'birth', problems),
    close: announcement(raw, 'close', problems),
    will: announcement(raw, 'will', problems),
    payloadType: oneOf(raw.payloadType, 'payloadType', PAYLOAD_TYPES, 'json', problems),
    pubsub: {
      access: oneOf(raw.nodeAccess, 'nodeAccess', ACCESS_MODELS, 'whitelist', problems),
      publish: oneOf(raw.nodePublish, 'nodePublish', PUBLISH_MODELS, 'publishers', problems),
      maxItems: whole(raw.nodeMaxItems, 'nodeMaxItems', 1, problems),
      poll: readField(raw.pubsubPoll, 'pubsubPoll', 60_000, problems, readPoll),
    },
    trusted: readField(raw.trusted, 'trusted', [], problems, readFingerprints).slice(0, MAX_TRUSTED),
    limits: {
      messages: whole(raw.queueMessages, 'queueMessages', 10_000, problems),
      bytes: whole(raw.queueBytes, 'queueBytes', 16_777_216, problems),
      ttl: duration(raw.queueTtl, 'queueTtl', 3_600_000, problems),
    },
    resource: readField(raw.resource, 'resource', '', problems, resourceOf),
    presence: oneOf(raw.presence, 'presence', ['available', 'away', 'dnd', 'none'], 'available', problems),
    priority: whole(raw.priority, 'priority', 0, problems),
    queuePersist: flag(raw.queuePersist, false),
    autoConnect: flag(raw.autoConnect, true),
    autoUnsubscribe: flag(raw.autoUnsubscribe, true),
    watch: filtersOf(raw.watch),
    history: oneOf(raw.history, 'history', HISTORIES, '24h', problems),
    discoveryPrefix: readField(raw.discoveryPrefix, 'discoveryPrefix', DEFAULT_PREFIX, problems, readPrefix),
    showInHomeAssistant: flag(raw.showInHomeAssistant, false),
    askedUnverified: question.usetls && !flag(raw.verifyservercert, true),
    isThisMachine: ['localhost', '127.0.0.1'].includes(trimmed(raw.host)),
    unconfigured: question.host === undefined && !trimmed(raw.jid),
    problems,
  };
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
  const jid = readField(raw.jid, 'jid', undefined, problems, readAccount);
  const address = hostOf(
    trimmed(raw.host) || trimmed(raw.broker),
    flag(raw.usews, false),
    flag(raw.usetls, false),
    problems,
  );
  const port = whole(raw.port, 'port', undefined, problems);
  const xmppService = readField(raw.xmppService, 'xmppService', undefined, problems, readXmppService);
  const pubsubService = readField(raw.pubsubService, 'pubsubService', '', problems, (typed) =>
    readService(typed, jid?.bare),
  );
  const transport = oneOf(raw.transport, 'transport', ['auto', 'mqtt', 'pubsub'], 'auto', problems);
  if (transport === 'pubsub' && !jidText) problems.push({ field: 'jid', text: text('config.pubsubJid') });
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

/** A host that cannot be read is kept, so that it is named wherever it cannot be reached. */
function hostOf(value: string, useWs: boolean, useTls: boolean, problems: Problem[]): Partial<HostParts> {
  const kept = { host: value.slice(0, MAX_HOST) };
  const found: Partial<HostParts> = readField(value, 'host', value === '' ? {} : kept, problems, readHost);
  if (!useWs || value.includes(':')) return found;
  return { ...found, ...(found.host === undefined ? {} : { scheme: useTls ? 'wss' : 'ws' }) };
}

function resourceOf(typed: string): string | Fault {
  return resourceFault(typed, 'jid.resource') ?? typed;
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
  const topic = readField(
    raw[`${kind}Topic`],
    `${kind}Topic`,
    '',
    problems,
    (typed) => topicFault(typed) ?? typed,
  );
  if (topic === '') return undefined;
  const more = parsedObject(raw[`${kind}Msg`]) ?? {};
  const properties = publishProperties({
    responseTopic: more.responseTopic ?? more.respTopic,
    contentType: more.contentType,
    correlationData: more.correlationData ?? more.correl,
    messageExpiryInterval: more.messageExpiryInterval ?? more.expiry,
    userProperties: parsedObject(more.userProperties ?? more.userProps),
  });
  const delay = readField(
    more.willDelayInterval ?? more.delay,
    `${kind}Msg.delay`,
    undefined,
    problems,
    readDelay,
  );
  return {
    topic,
    payload: payloadText(raw[`${kind}Payload`]),
    qos: readField(raw[`${kind}Qos`], `${kind}Qos`, 0, problems, readQos) as QoS,
    retain: flag(raw[`${kind}Retain`], false),
    ...(properties ? { properties } : {}),
    ...(kind === 'will' && delay !== undefined ? { willDelayInterval: delay } : {}),
  };
}

const readPrefix = (typed: string) => topicFault(typed) ?? typed.replace(/\/+$/, '');
const readDelay = (typed: string) => readWhole(typed, FIELD_RANGES.willDelay);
const readQos = (typed: string) => readWhole(typed, FIELD_RANGES.qos);

function payloadText(value: unknown): string | Buffer {
  if (value === undefined || value === null) return '';
  if (Buffer.isBuffer(value) || typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
