/**
 * Rules for fields, checked while somebody types. No DOM and no Node-RED in here.
 * Every rule returns `undefined` for a valid text, else the key of the reason and its parameters.
 * `${NAME}` of an environment variable never gets here, because Node-RED accepts it unchecked.
 */
export interface Fault {
  /** Key below `fault` in the locale files. */
  key: string;
  params?: Record<string, string | number>;
}

export type Rule = (text: string) => Fault | undefined;

const fault = (key: string, params?: Fault['params']): Fault => (params ? { key, params } : { key });
const bytes = (text: string): number => new TextEncoder().encode(text).length;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const CONTROL = /[\u0000-\u001f\u007f]/;

/** A port number; empty: it follows from the other fields. */
export const port: Rule = (text) => {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  return /^\d+$/.test(trimmed) && Number(trimmed) >= 1 && Number(trimmed) <= 65_535
    ? undefined
    : fault('port');
};

/** SHA-256 fingerprints of certificates, as openssl prints them, one per line; empty: none. */
export const fingerprints: Rule = (text) => {
  const all = text.split(/[\s,;]+/).filter((one) => one !== '');
  return all.every((one) => /^([0-9a-f]{2}:?){31}[0-9a-f]{2}$/i.test(one)) ? undefined : fault('fingerprint');
};

/** A whole number in a range; empty: the default. */
export const integer =
  (min: number, max: number): Rule =>
  (text) => {
    const trimmed = text.trim();
    if (trimmed === '') return undefined;
    if (!/^-?\d+$/.test(trimmed)) return fault('integer');
    const value = Number(trimmed);
    return value >= min && value <= max ? undefined : fault('range', { min, max });
  };

/** `10s`, `5m`, `1h30m`, `500ms`, `7d`, or seconds without a unit; empty: the default. */
export const duration: Rule = (text) => {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === '' || /^\d+([.,]\d+)?$/.test(trimmed)) return undefined;
  return /^(\d+([.,]\d+)?\s*(ms|s|m|h|d)\s*)+$/.test(trimmed) ? undefined : fault('duration');
};

/** The fault of a name or an address from DNS or a URL. IPv6 is valid with or without brackets. */
function hostFault(host: string): Fault | undefined {
  if (host === '') return fault('hostEmpty');
  if (/\s/.test(host)) return fault('hostSpace');
  if (/^\[[0-9a-f:.]+(%[\w.-]+)?\]$/i.test(host)) return undefined;
  const colons = host.split(':').length - 1;
  if (colons >= 2) return /^[0-9a-f:.]+(%[\w.-]+)?$/i.test(host) ? undefined : fault('host');
  if (colons === 1) return fault('hostPort');
  if (/[@?#\\,;"'<>(){}|^`%&=!*$[\]]/.test(host) || CONTROL.test(host)) return fault('host');
  if (host.split('.').some((label, i, all) => (label === '' && i !== all.length - 1) || label.length > 63)) {
    return fault('host');
  }
  return host === '.' ? fault('host') : undefined;
}

/** A host name, an address, or a whole URL such as `wss://host:443/mqtt`; empty: it is found. */
export const host: Rule = (text) => {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(trimmed);
  if (scheme) {
    const [, name = '', rest = ''] = scheme;
    if (!/^(mqtts?|wss?|tcp|ssl|tls)$/i.test(name)) return fault('scheme', { scheme: name });
    const [authority = '', ...path] = rest.split('/');
    if (authority.includes('@')) return fault('hostLogin');
    if (path.join('/') !== '' && !/^wss?$/i.test(name)) return fault('pathMqtt');
    return authorityFault(authority);
  }
  return trimmed.includes('/') ? fault('hostPath') : hostFault(trimmed);
};

/** `host`, `host:port`, `[v6]:port` of a URL. */
function authorityFault(authority: string): Fault | undefined {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(authority);
  if (!match) return fault('host');
  const [, name = '', number] = match;
  return hostFault(name) ?? (number === undefined ? undefined : number === '' ? fault('port') : port(number));
}

/** PRECIS IdentifierClass beyond ASCII (RFC 8264 §4.2): letters, digits and combining marks. */
const IDENTIFIER = /^[!-~\p{Ll}\p{Lu}\p{Lo}\p{Lm}\p{Nd}\p{Mn}\p{Mc}]+$/u;
/** A label of a domain: letters, digits and marks of any script (RFC 5892). */
const LABEL =
  /^[\p{Ll}\p{Lu}\p{Lo}\p{Lm}\p{Nd}_](?:[\p{Ll}\p{Lu}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}_-]{0,61}[\p{Ll}\p{Lu}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}_])?$/u;
/** Letters and marks that names must not hold (RFC 5892 §2.3, §2.6, §2.9). */
const UNNAMED =
  /[\p{Default_Ignorable_Code_Point}\u0640\u07FA\u1100-\u11FF\uA960-\uA97F\uD7B0-\uD7FF]|[\u20D0-\u20FF]|\u302E|\u302F|[\u3031-\u3035\u303B]|[\u{1D100}-\u{1D24F}]/u;
const IPV4 = /^(\d{1,3}\.){3}\d{1,3}$/;

/** The JID of an account, bare or full (RFC 7622 §3); empty: no account. */
export const jid: Rule = (text) => {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const slash = trimmed.indexOf('/');
  const bare = slash < 0 ? trimmed : trimmed.slice(0, slash);
  const at = bare.indexOf('@');
  if (at < 0) return fault('jidAt');
  const local = bare.slice(0, at);
  const server = bare.slice(at + 1);
  if (local === '') return fault('jidLocal');
  if (server === '') return fault('jidDomain');
  if (/\s/u.test(bare)) return fault('jidSpace');
  if (server.includes('@')) return fault('jidTwice');
  const name = folded(local);
  if (/["&'/:<>@]/.test(name)) return fault('jidChar', { chars: '" & \' : < >' });
  if (!IDENTIFIER.test(name) || !isStable(name)) return fault('jidLetter');
  if (bytes(local) > 1023) return fault('jidLong');
  if (!isDomain(server)) return fault('jidHost');
  if (slash < 0) return undefined;
  const part = trimmed.slice(slash + 1);
  return part === '' ? fault('jidResource') : resource(part);
};

/** True for the JID of an account, without a resource. */
export const isAccount = (text: string): boolean =>
  text !== '' && !text.includes('/') && jid(text) === undefined;

/**
 * The domain part of a JID: a DNS name, also an international one, or an address (RFC 7622 §3.2). Never read as a URL,
 * whose host ends at a `#` and is decoded.
 */
function isDomain(text: string): boolean {
  if (text.startsWith('[')) return /^\[[0-9a-f:.]+\]$/i.test(text) && URL.canParse(`http://${text}`);
  const labels = folded(text)
    .replace(/[.\u3002]$/, '')
    .split(/[.\u3002]/);
  const last = labels[labels.length - 1] ?? '';
  if (bytes(text) > 253 || !labels.every((label) => LABEL.test(label) && isStable(label))) return false;
  // `1.2` is 1.0.0.2 to whoever connects.
  if (!/^(\d+|0x[\da-f]*)$/i.test(last)) return true;
  return IPV4.test(text) && labels.every((label) => Number(label) <= 255);
}

/** The text with narrow instead of fullwidth characters (RFC 8265 §3.3.2), composed. */
function folded(text: string): string {
  return text.replace(/[\uff01-\uffee]/g, (char) => char.normalize('NFKC')).normalize('NFC');
}

/** False for characters that look like others, or like nothing (RFC 5892 §2.2). */
function isStable(text: string): boolean {
  return !UNNAMED.test(text) && [...text].every((char) => char.normalize('NFKC') === char);
}

/** A service's domain, `pubsub.example.org`; empty: it is found. */
export const domain: Rule = (text) => (text.trim() === '' ? undefined : hostFault(text.trim()));

/** `xmpp://host:port` or `xmpps://host:port`; empty: DNS is asked. */
export const xmppService: Rule = (text) => {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const match = /^xmpps?:\/\/([^/?#]*)\/?$/i.exec(trimmed);
  return match ? authorityFault(match[1] ?? '') : fault('xmppService');
};

/** The resource of an XMPP session (RFC 7622 §3.4); empty: made from the node. */
export const resource: Rule = (text) =>
  text === '' || (bytes(text) <= 1023 && !CONTROL.test(text)) ? undefined : fault('resource');

function topicText(text: string): Fault | undefined {
  if (text.includes('\0')) return fault('topicControl');
  // With the flag u only a lone surrogate, half a character, matches.
  if (/[\ud800-\udfff]/u.test(text)) return fault('topicControl');
  return bytes(text) > 65_535 ? fault('topicLong') : undefined;
}

/** A topic filter (MQTT 5 §4.7.1, §4.8.2). */
export const filter: Rule = (text) => {
  if (text === '') return fault('filterEmpty');
  const levels = text.split('/');
  if (levels.some((level, i) => level.includes('#') && (level !== '#' || i !== levels.length - 1))) {
    return fault('filterHash');
  }
  if (levels.some((level) => level.includes('+') && level !== '+')) return fault('filterPlus');
  if (levels[0] === '$share') {
    const group = levels[1];
    const nothing = levels.length < 3 || (levels.length === 3 && levels[2] === '');
    if (!group || group === '+' || nothing) return fault('filterShare');
  }
  return topicText(text);
};

/** Topic filters, one per line. */
export const filters: Rule = (text) => {
  for (const line of text.split('\n')) {
    const found = line.trim() === '' ? undefined : filter(line.trim());
    if (found) return found;
  }
  return undefined;
};

/** A topic to publish to (MQTT 5 §4.7.1.1); empty: it comes with the message. */
export const topic: Rule = (text) => {
  if (text === '') return undefined;
  if (/[+#]/.test(text)) return fault('topicWildcard');
  return /[\b\f\n\r\t\v]/.test(text) ? fault('topicControl') : topicText(text);
};

/** QoS of a message; empty: it comes with the message. */
export const qos: Rule = (text) => (/^[012]?$/.test(text) ? undefined : fault('qos'));

/** User properties (MQTT 5 §3.3.2.3.7) as a JSON object of texts. */
export const userProperties: Rule = (text) => {
  if (text.trim() === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? undefined
      : fault('userProps');
  } catch {
    return fault('userProps');
  }
};

/** The address in a URI (RFC 5122). Anything else is returned unchanged. */
export function withoutScheme(entry: string): string {
  const uri = /^xmpp:(.*)$/is.exec(entry)?.[1]?.replace(/^([^?]*@[^?]*)\?.*$/s, '$1');
  if (uri === undefined) return entry;
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}

/** One or several JIDs, separated by commas or line ends; empty: the message names them. */
export const recipients: Rule = (text) => {
  const typed = listed(text);
  if (typed.length > 100) return fault('receiversMany');
  for (const one of typed) {
    const found = jid(withoutScheme(one));
    if (found) return found;
  }
  return undefined;
};

/** A nick in a room (XEP-0045 §7.2), which is a resource; empty: the account's name. */
export const nick: Rule = (text) => (resource(text) ? fault('nick') : undefined);

/** True if a list of recipients holds an account, whatever its resource. */
export function names(text: string, account: string): boolean {
  const bare = (one: string): string => (withoutScheme(one).split('/', 1)[0] ?? '').toLowerCase();
  return account.trim() !== '' && listed(text).some((one) => bare(one) === bare(account.trim()));
}

function listed(text: string): string[] {
  return text
    .split(/[,\n]/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
}
