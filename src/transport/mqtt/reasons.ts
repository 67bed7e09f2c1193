import { plain, quote } from '../../base/printable';
import { LinkError, SubackError } from '../errors';

/** CONNACK codes that say "this login is not accepted": 3.1.1 §3.2.2.3 and MQTT 5 §3.2.2.2. */
const LOGIN = new Set([4, 5, 134, 135, 138, 140]);
/** "This version is not spoken here." */
const VERSION = new Set([1, 132]);
/** "Another client has taken over this session." */
const TAKEN_OVER = 142;

/** "A packet was larger than I take." */
const TOO_LARGE = 149;

/** Most characters of a server's own words that are shown. */
const MAX_SAID = 200;

/** `dinox-broker`'s locales have each under `said`, but for the first, which says nothing. */
export const WORDS: Readonly<Record<number, string>> = {
  0: 'normal disconnection',
  1: 'unacceptable protocol version',
  2: 'client id refused',
  3: 'server unavailable',
  4: 'bad user name or password',
  5: 'not authorized',
  128: 'unspecified error',
  129: 'malformed packet',
  130: 'protocol error',
  131: 'implementation specific error',
  132: 'unsupported protocol version',
  133: 'client id not valid',
  134: 'bad user name or password',
  135: 'not authorized',
  136: 'server unavailable',
  137: 'server busy',
  138: 'banned',
  139: 'server shutting down',
  140: 'bad authentication method',
  141: 'keep-alive timeout',
  142: 'session taken over',
  143: 'topic filter not valid',
  144: 'topic name not valid',
  147: 'receive maximum exceeded',
  148: 'topic alias not valid',
  149: 'packet too large',
  150: 'message rate too high',
  151: 'quota exceeded',
  152: 'administrative action',
  153: 'payload format not valid',
  154: 'retained messages not supported',
  155: 'QoS not supported',
  156: 'use another server',
  157: 'server moved',
  158: 'shared subscriptions not supported',
  159: 'connection rate exceeded',
  160: 'maximum connect time',
  161: 'subscription identifiers not supported',
  162: 'wildcard subscriptions not supported',
};

/** A reason code in words, with its number: `quota exceeded (151)` (MQTT 5 §2.4). */
export function reasonText(code: number): string {
  return `${WORDS[code] ?? 'unknown reason'} (${code})`;
}

/** What a refused CONNECT means. */
export function connackError(code: number, where: string, login: string): LinkError {
  if (LOGIN.has(code)) {
    return new LinkError(
      'login',
      `${where} refused the login ${login}: ${reasonText(code)}. Check user name and password; it is not tried again until they change.`,
      true,
    );
  }
  if (VERSION.has(code)) {
    return new LinkError('version', `${where} refused the MQTT version: ${reasonText(code)}.`);
  }
  const said = saidOf(code);
  return new LinkError('refused', `${where} refused the connection: ${reasonText(code)}.`, false, { said });
}

function saidOf(code: number): number | undefined {
  return code > 0 && code in WORDS ? code : undefined;
}

/** What a DISCONNECT from the server means (MQTT 5 §3.14); `reference` is the other server that it names. */
export function disconnectError(
  code: number,
  reason: string | undefined,
  where: string,
  clientId: string,
  reference?: string | undefined,
): LinkError {
  if (code === TAKEN_OVER) return takenOver(where, clientId);
  const said = reason ? `, ${quote(String(reason), MAX_SAID)}` : '';
  const other = reference ? ` It names another server: ${quote(String(reference), MAX_SAID)}.` : '';
  const text = `${where} closed the connection: ${reasonText(code)}${said}.${other}`;
  if (code === TOO_LARGE) return new LinkError('toolarge', text);
  return new LinkError('closed', text, false, { said: saidOf(code) });
}

/** What a client library's complaint about the server's bytes means. */
export function protocolError(error: Error, where: string): LinkError {
  const Kind = /suback/i.test(error.message) ? SubackError : LinkError;
  const text = `${where} broke the MQTT protocol: ${plain(error.message, MAX_SAID)}.`;
  return new Kind('protocol', text, false, { cause: error });
}

export function takenOver(where: string, clientId: string, probably = false): LinkError {
  return new LinkError(
    'takenover',
    `Another client with the client id "${clientId}" ${probably ? 'probably ' : ''}took over the connection to ${where}. ` +
      "Give each its own client id (or leave the field empty). Where it is empty, one Node-RED runs in a copy of the other one's user directory: delete the file dinox/installation there, and restart it.",
    false,
    { guessed: probably },
  );
}

const TLS_ERROR = /^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO|HOSTNAME_MISMATCH)/;

/** A socket's, TLS's or client library's error in words. */
export function networkError(error: Error & { code?: unknown }, where: string): LinkError {
  if (error instanceof LinkError) return error;
  const code = typeof error.code === 'string' ? error.code : '';
  const options = { cause: error };
  if (TLS_ERROR.test(code)) {
    return new LinkError('tls', `TLS with ${where} failed: ${tlsText(code, error.message)}`, false, options);
  }
  if (error.message === 'Keepalive timeout') {
    return new LinkError(
      'keepalive',
      `${where} went silent: no answer to a ping within the keep-alive.`,
      false,
      options,
    );
  }
  if (error.message === 'connack timeout') {
    return new LinkError(
      'timeout',
      `${where} accepted the connection but did not answer the MQTT CONNECT in time.`,
      false,
      options,
    );
  }
  // Sockets and TLS name a code; without one it is MQTT.js that could not read what the server sent.
  if (code === '' && !(error instanceof AggregateError)) return protocolError(error, where);
  return new LinkError('network', `${where} cannot be reached: ${networkText(code, error)}`, false, options);
}

function networkText(code: string, error: Error): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there (connection refused). Is the port right, and the server running?';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name could not be found (DNS). Is the host name right?';
    case 'ETIMEDOUT':
      return 'no answer in time. A firewall may swallow the packets.';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no route to it.';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the connection was reset.';
    default: {
      // Happy eyeballs hands over one error for each address.
      const inner = (error as AggregateError).errors?.[0] as (Error & { code?: string }) | undefined;
      return inner?.code && inner !== error ? networkText(inner.code, inner) : `${error.message || code}.`;
    }
  }
}

function tlsText(code: string, message: string): string {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return 'its certificate has expired. Renew it on the server.';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'its certificate is not signed by an authority known here (self-signed?). Add the authority in a TLS configuration.';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `its certificate is for another name. ${message}`;
    case 'EPROTO':
      return `no TLS is spoken there, or another version of it. ${message.split('\n')[0] ?? ''}`;
    default:
      return `${message} (${code})`;
  }
}
