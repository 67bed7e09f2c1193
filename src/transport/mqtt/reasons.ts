import { sentences, type TextKey, text } from '../../base/catalogue';
import { plain } from '../../base/printable';
import type { Text } from '../../base/text';
import { LinkError, type ReasonCode, SubackError } from '../errors';

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

/** What a server says by a reason code (MQTT 5 §2.4), or in a CONNACK of 3.1.1. `dinox-broker` has each under `said`, too. */
const WORDS: Readonly<Record<number, TextKey>> = {
  0: 'code.0',
  1: 'code.1',
  2: 'code.2',
  3: 'code.3',
  4: 'code.4',
  5: 'code.5',
  128: 'code.128',
  129: 'code.129',
  130: 'code.130',
  131: 'code.131',
  132: 'code.132',
  133: 'code.133',
  134: 'code.134',
  135: 'code.135',
  136: 'code.136',
  137: 'code.137',
  138: 'code.138',
  139: 'code.139',
  140: 'code.140',
  141: 'code.141',
  142: 'code.142',
  143: 'code.143',
  144: 'code.144',
  147: 'code.147',
  148: 'code.148',
  149: 'code.149',
  150: 'code.150',
  151: 'code.151',
  152: 'code.152',
  153: 'code.153',
  154: 'code.154',
  155: 'code.155',
  156: 'code.156',
  157: 'code.157',
  158: 'code.158',
  159: 'code.159',
  160: 'code.160',
  161: 'code.161',
  162: 'code.162',
};

/** A reason code in words, with its number: `quota exceeded (151)` (MQTT 5 §2.4). */
export function reasonText(code: number): Text {
  return text('mqtt.code', { words: text(WORDS[code] ?? 'code.unknown'), code });
}

/** The meaning of a refused CONNECT. @param user undefined if there was no login */
export function connackError(code: number, where: string, user: string | undefined): LinkError {
  const reason = reasonText(code);
  if (LOGIN.has(code)) {
    const why =
      user === undefined
        ? text('mqtt.loginNone', { where, reason })
        : text('mqtt.login', { where, user, reason });
    return new LinkError('login', why, true);
  }
  if (VERSION.has(code)) return new LinkError('version', text('mqtt.version', { where, reason }));
  const said = saidOf(code);
  return new LinkError('refused', text('mqtt.refused', { where, reason }), false, { said });
}

function saidOf(code: number): number | undefined {
  return code > 0 && code in WORDS ? code : undefined;
}

/** Meaning of a DISCONNECT from the server (MQTT 5 §3.14); `reference` is the other server that it names. */
export function disconnectError(
  code: number,
  reason: string | undefined,
  where: string,
  clientId: string,
  reference?: string | undefined,
): LinkError {
  if (code === TAKEN_OVER) return takenOver(where, clientId);
  const what = reasonText(code);
  const closed = reason
    ? text('mqtt.closedSaying', { where, reason: what, said: plain(String(reason), MAX_SAID) })
    : text('mqtt.closed', { where, reason: what });
  const why = sentences(
    closed,
    reference ? text('mqtt.otherServer', { server: plain(String(reference), MAX_SAID) }) : undefined,
  );
  if (code === TOO_LARGE) return new LinkError('toolarge', why);
  return new LinkError('closed', why, false, { said: saidOf(code) });
}

/** Meaning of a client library's complaint about the server's bytes. */
function protocolError(error: Error, where: string): LinkError {
  const Kind = /\bsuback\b/.test(error.message) ? SubackError : LinkError;
  const why = text('mqtt.broken', { where, said: plain(error.message, MAX_SAID) });
  return new Kind('protocol', why, false, { cause: error });
}

/** The server broke the protocol in a way that we noticed ourselves. */
export function broken(how: Text, where: string): LinkError {
  return new LinkError('protocol', text('mqtt.broken', { where, said: how }));
}

export function takenOver(where: string, client: string, probably = false): LinkError {
  const what = probably
    ? text('mqtt.takenOverProbably', { client, where })
    : text('mqtt.takenOver', { client, where });
  return new LinkError('takenover', sentences(what, text('mqtt.doOwnId')), false, { guessed: probably });
}

const TLS_ERROR = /^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO|HOSTNAME_MISMATCH)/;

/** A socket's, TLS's or client library's error in words. */
export function networkError(error: Error & { code?: unknown }, where: string): LinkError {
  if (error instanceof LinkError) return error;
  const code = typeof error.code === 'string' ? error.code : '';
  const fails = (kind: ReasonCode, why: Text): LinkError => new LinkError(kind, why, false, { cause: error });
  if (TLS_ERROR.test(code))
    return fails('tls', text('mqtt.tls', { where, text: tlsText(code, error.message) }));
  if (error.message === 'Keepalive timeout') return fails('keepalive', text('mqtt.silent', { where }));
  if (error.message === 'connack timeout') return fails('timeout', text('mqtt.late', { where }));
  // Sockets and TLS name a code. Without one, MQTT.js could not read the server's bytes.
  if (code === '' && !(error instanceof AggregateError)) return protocolError(error, where);
  return fails('network', text('mqtt.unreachable', { where, text: networkText(code, error) }));
}

function networkText(code: string, error: Error): Text {
  switch (code) {
    case 'ECONNREFUSED':
      return text('mqtt.netRefused');
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return text('mqtt.netName');
    case 'ETIMEDOUT':
      return text('mqtt.netSilent');
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return text('mqtt.netRoute');
    case 'ECONNRESET':
    case 'EPIPE':
      return text('mqtt.netReset');
    default: {
      // Happy eyeballs hands over one error for each address.
      const inner = (error as AggregateError).errors?.[0] as (Error & { code?: string }) | undefined;
      return inner?.code && inner !== error
        ? networkText(inner.code, inner)
        : text('mqtt.netOther', { said: error.message || code });
    }
  }
}

function tlsText(code: string, message: string): Text {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return text('mqtt.tlsExpired');
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return text('mqtt.tlsSelf');
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return text('mqtt.tlsName', { said: message });
    case 'EPROTO':
      return text('mqtt.tlsNone', { said: message.split('\n')[0] ?? '' });
    default:
      return text('mqtt.tlsOther', { said: message, code });
  }
}
