import { TOLD } from './told';

/**
 * A connection test tells its steps, its notices and why it failed in English, as the log has them; a reader gets them in
 * the editor's language. Each of these phrases is a key below `phrase` in the locales, with the parts that differ; what
 * is none of them stays as it came: a server's own words, an address.
 */
export const PHRASES: Readonly<Record<string, string>> = {
  ...TOLD,
  xmppLoginAt: 'XMPP login of __jid__ at __where__',
  xmppLogin: 'XMPP login of __jid__',
  noLogin: '__where__ without a login',
  decision: 'Which broker, which login',
  typed: 'What was typed',
  tryAs: 'MQTT __version__ to __where__ as __user__',
  tryOpen: 'MQTT __version__ to __where__ without a login',
  askQos: 'A message at QoS 0, 1 and 2',
  askLogin: 'MQTT without a login',
  askVersions3: 'MQTT __one__ and __two__',
  askRetained: 'A retained message',
  askWildcards: 'A topic filter with + and #',
  askShared: 'A shared subscription',
  srvNone: 'no such record',
  srvLate: 'DNS did not answer in time',
  srvDeclined: 'the target ".": decidedly not offered',
  srvRecords: '__host__ (priority __priority__, weight __weight__)',
  notThisWay: 'do not log in this way',
  logInThere: 'log in there',
  otherRecord: 'look at the other record, then at the domain itself',
  notElsewhere: 'do not look for it elsewhere',
  askThere: 'ask there',
  askDomain: 'ask the XMPP host and the domain itself',
  online: 'online; __text__',
  noName: 'the server does not name itself',
  noAnswer: 'no answer in time',
  isServer: 'the server is __type__',
  isNeither: 'the server is neither ejabberd nor Prosody',
  stop: 'stop',
  withoutXmpp: 'go on without XMPP',
  nextOne: 'try the next one',
  noPassword: 'no password was typed for the account',
  loginAccount: "log in with the account's JID and password",
  loginTyped: 'log in with the typed user',
  loginNone: 'connect without a login',
  chosenAlso: '__server__ at __where__, __reason__; others that answered: __others__',
  chosen: '__server__ at __where__, __reason__',
  asTyped: 'as typed',
  byDns: 'named for MQTT by DNS',
  atServer: "found at the account's server",
  connectedTo: 'connected to __address__',
  connected: 'connected',
  certificate: 'certificate valid for __name__',
  asEjabberd: '__text__: as ejabberd does',
  asProsody: "__text__: as Prosody's bridge does",
  asMosquitto: '__text__: as Mosquitto and other brokers do',
  closed5: 'connection closed on MQTT 5',
  was311: 'MQTT 5 was answered as 3.1.1',
  open5: 'an open login was accepted (MQTT 5)',
  refused5: 'MQTT 5 was refused (code 1)',
  openRefusedToo: '__text__, an open login too (__reason__)',
  open311: '__text__, an open login with MQTT 3.1.1 was accepted',
  openRefused: 'an open login was refused (__reason__)',
  noAnswerFrom: 'no answer from __where__',
  nothingListens: 'connection refused: nothing listens on __where__',
  noHost: 'there is no host __host__ in DNS',
  dnsSilent: 'DNS does not answer for __host__',
  unreachable: '__where__ cannot be reached (__reason__)',
  silentTls: 'it accepts connections, but did not answer the TLS handshake',
  silentMqtt: 'it accepts connections, but did not answer to MQTT',
  closedMqtt: 'the connection was closed without an answer to MQTT',
  notMqtt: 'what answers there does not speak MQTT',
  certPinned: 'certificate trusted by its fingerprint',
  usablePinned: 'usable: its certificate is trusted by its fingerprint',
  certFor: 'the certificate is for __names__, not for __name__',
  certExpiredOn: 'the certificate expired on __day__',
  certExpired: 'the certificate expired',
  certEarly: 'the certificate is not valid before __day__',
  certSelf: 'the certificate (for __names__) is signed by itself',
  certWhose: 'the certificate comes from an authority (__issuer__) that is not trusted here',
  certUntrusted: 'the certificate comes from an authority that is not trusted here',
  notTls: 'what answers there does not speak TLS',
  tlsClosed: 'the connection was closed during the TLS handshake',
  tlsFailed: 'the TLS handshake failed (__reason__)',
  notUsableBecause: 'not usable: __text__',
  notUsable: 'not usable',
  unprovenClear:
    'only DNS or a server named this host, and without TLS it cannot prove itself: type __host__ as the host to confirm it',
  unproven:
    'only DNS or a server named this host, and it did not prove to be __domain__ (__text__): type __host__ as the host to confirm it',
  clearRemote: 'without TLS this is used towards local addresses only, and __address__ is not local',
  clearLocal: 'usable where nothing answers with TLS, because the address is local',
  usableTyped: 'usable: it was typed',
  usableProof: 'usable: its certificate proves that it belongs to __domain__',
  usableItselfTls: 'usable: it is __domain__ itself, and its certificate holds',
  usableItself: 'usable: it is __domain__ itself',
  usableBelowTls: 'usable: it is below __domain__, and its certificate holds',
  usableBelow: 'usable: it is below __domain__',
  tryAbilities: 'try what it can do',
  tryVersion: 'try MQTT __version__',
  qosNothing: 'the subscription is confirmed, and the message does not come back',
  qosRights: 'see whether the account may publish below dinox/probe',
  qosAny: 'any QoS can be chosen',
  qosMost: 'messages go at QoS __qos__',
  qosAll: 'all came back',
  qosGranted: 'the server grants QoS __qos__',
  qosWorks: 'QoS __qos__ works, QoS __next__ is not acknowledged',
  protected: 'the login protects it',
  openToAll: 'anyone who reaches this port can read and write',
  takes: 'the server takes __versions__',
  spoken: 'MQTT __version__ is spoken',
  kept: 'it was kept',
  notKept: 'it was not kept',
  saysNone: 'the server says that it has none',
  came: 'the message came',
  neverComes: 'it is confirmed, and the message never comes',
  canBeUsed: 'it can be used',
  cannotBeUsed: 'it cannot be used here',
  nothingBack: 'nothing came back',
  notFoundOut: 'not found out',
  othersAllowed: 'not found out; other topics may be allowed',
  denied: 'the subscription below dinox/probe was refused: __reason__',
  mqttFor: 'MQTT for __jid__',
  dnsNoMqtt: 'DNS says that MQTT is not offered',
  noBrokerAt: 'no MQTT broker answered at __where__',
  enableEjabberd: 'Switch on mod_mqtt in ejabberd.yml:\n\n__lines__\n\nOr type the host of another broker.',
  enablePubsub:
    'Switch on PubSub and its MQTT bridge in prosody.cfg.lua:\n\n__lines__\n\nOr type the host of another broker.',
  enableBridge:
    'The server has PubSub (__pubsub__) but no MQTT bridge. PubSub without a bridge comes with a later version of this package. Until then switch the bridge on in prosody.cfg.lua:\n\n__lines__\n\nOr type the host of another broker.',
  typeHost: 'Type the host of the broker.',
};

/** Parts that may be phrases themselves. */
const NESTED = ['text', 'reason', 'advice', 'answers'];
/** Parts that are several, with `and` between them. */
const SEVERAL = 'hosts';
/** Parts that are numbers of versions or of QoS. */
const NUMBERS = ['version', 'one', 'two', 'qos', 'next', 'code', 'seconds'];
/** Parts in which there may be a semicolon: sentences, or the words of a server. */
const LOOSE = ['advice', 'condition', 'said'];
/** Parts without a space. */
const WORDS = ['server'];
/** A longer text is nobody's phrase: looking for it would take long. */
const MAX_LENGTH = 600;

type Say = (key: string, values?: Record<string, string>) => string;

interface Pattern {
  key: string;
  names: string[];
  expression: RegExp;
  /** It may be all of a text with semicolons; the others are one of several answers that are joined with them. */
  isWhole: boolean;
}

/** Translates what a test says. */
export class Phrases {
  private readonly patterns: Pattern[];

  /** @param say gives the text for a key of {@link PHRASES}. */
  constructor(private readonly say: Say) {
    this.patterns = Object.entries(PHRASES).map(([key, phrase]) => {
      const parts = phrase.split(/__(\w+?)__/);
      const names = parts.filter((_, i) => i % 2 === 1);
      const fixed = (part: string): string => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      const any = (name: string): string => {
        if (NUMBERS.includes(name)) return '([\\d.]+)';
        return WORDS.includes(name) ? '(\\S+)' : '(.+?)';
      };
      const source = parts.map((part, i) => (i % 2 === 1 ? any(part) : fixed(part))).join('');
      const isLoose = names.some((name) => LOOSE.includes(name));
      const isWhole = isLoose || phrase.includes('; ') || phrase.endsWith('.');
      return { key, names, expression: new RegExp(`^${source}$`, 's'), isWhole };
    });
  }

  translate(text: string): string {
    if (text.length > MAX_LENGTH) return text;
    const whole = this.whole(text);
    if (whole !== undefined) return whole;
    const small = text.charAt(0).toLowerCase() + text.slice(1);
    const sentence = small === text ? undefined : this.whole(small);
    if (sentence !== undefined) return sentence.charAt(0).toUpperCase() + sentence.slice(1);
    const list = text.split('; ');
    return list.length === 1 ? text : list.map((part) => this.translate(part)).join('; ');
  }

  /** Undefined where the text is no phrase. */
  private whole(text: string): string | undefined {
    const isList = text.includes('; ');
    for (const { key, names, expression, isWhole } of this.patterns) {
      const found = isList && !isWhole ? undefined : expression.exec(text);
      if (!found) continue;
      const values: Record<string, string> = {};
      for (const [i, name] of names.entries()) {
        const part = found[i + 1] ?? '';
        if (name === SEVERAL) values[name] = part.split(' and ').join(` ${this.say('and')} `);
        else values[name] = NESTED.includes(name) ? this.translate(part) : part;
      }
      return this.say(key, values);
    }
    return undefined;
  }
}
