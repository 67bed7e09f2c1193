import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { text } from '../base/catalogue';
import type { Text } from '../base/text';

/** Most names of one certificate that are shown. */
const MAX_NAMES = 6;

/** The names in a certificate, for people: `example.org, *.example.org, 192.0.2.1`; empty where it has none. */
export function namesOf(certificate: PeerCertificate | undefined): string {
  const names = (certificate?.subjectaltname ?? '')
    .split(/,\s*/)
    // Names for services of one protocol, which Prosody writes beside those of hosts.
    .filter((entry) => !/^othername:/i.test(entry))
    .map((entry) => entry.replace(/^[A-Za-z ]+:/, ''))
    .filter((name) => name !== '');
  if (names.length === 0) return subjectPart(certificate?.subject?.CN) ?? '';
  return names.slice(0, MAX_NAMES).join(', ') + (names.length > MAX_NAMES ? ` … (${names.length})` : '');
}

/** A distinguished name may hold the same part several times. */
export function subjectPart(part: string | string[] | undefined): string | undefined {
  return typeof part === 'object' ? part[0] : part;
}

/** `2026-01-31`; undefined if the certificate does not say. */
function day(said: string | undefined): string | undefined {
  const time = Date.parse(said ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().slice(0, 10);
}

function wrongName(name: string, certificate: PeerCertificate | undefined): TlsFault {
  const names = namesOf(certificate) || text('net.noName');
  return { kind: 'wrong-name', text: text('net.wrongName', { names, name }) };
}

/** The fault if a certificate does not name `name` (RFC 9525), else undefined. */
export function nameFault(name: string, certificate: PeerCertificate): TlsFault | undefined {
  if (!checkServerIdentity(name, certificate)) return undefined;
  return wrongName(name, certificate);
}

/**
 * OpenSSL's and Node's code for a failed verification or handshake, as a fault for people.
 * @param code `CERT_HAS_EXPIRED`, `ERR_TLS_CERT_ALTNAME_INVALID`, `ECONNRESET`, …
 */
export function tlsFault(
  code: string,
  detail: string,
  name: string,
  certificate: PeerCertificate | undefined,
): TlsFault {
  switch (code) {
    case 'CERT_HAS_EXPIRED': {
      const until = day(certificate?.valid_to);
      return {
        kind: 'expired',
        text: until ? text('net.expiredOn', { day: until }) : text('net.expired'),
      };
    }
    case 'CERT_NOT_YET_VALID': {
      const from = day(certificate?.valid_from);
      return {
        kind: 'not-yet-valid',
        text: from ? text('net.notYetValid', { day: from }) : text('net.notYet'),
      };
    }
    case 'DEPTH_ZERO_SELF_SIGNED_CERT': {
      const names = namesOf(certificate) || text('net.noName');
      return { kind: 'self-signed', text: text('net.selfSigned', { names }) };
    }
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'CERT_UNTRUSTED': {
      const issuer = subjectPart(certificate?.issuer?.CN) ?? subjectPart(certificate?.issuer?.O);
      return {
        kind: 'unknown-authority',
        text: issuer === undefined ? text('net.unknownAuthority') : text('net.unknownIssuer', { issuer }),
      };
    }
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return wrongName(name, certificate);
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
    case 'ERR_SSL_HTTP_REQUEST':
      return { kind: 'handshake', text: text('net.notTls') };
    case 'ECONNRESET':
    case 'EPIPE':
      return { kind: 'handshake', text: text('net.tlsClosed') };
    default:
      return { kind: 'handshake', text: text('net.tlsFailed', { reason: detail || code }) };
  }
}

/** Advice for people. */
export function tlsAdvice(fault: TlsFault, name: string): Text {
  switch (fault.kind) {
    case 'expired':
    case 'not-yet-valid':
      return text('net.doRenew');
    case 'self-signed':
    case 'unknown-authority':
      return text('net.doAuthority');
    case 'wrong-name':
      return text('net.doName', { name });
    case 'handshake':
      return text('net.doTlsPort');
  }
}

/** The fault of a certificate or a handshake. */
export interface TlsFault {
  kind: 'expired' | 'not-yet-valid' | 'self-signed' | 'unknown-authority' | 'wrong-name' | 'handshake';
  /** As a clause: `the certificate expired on 2026-01-31`. */
  text: Text;
  /** Absent if the handshake did not come so far. */
  certificate?: ServerCertificate;
}

/** The visible part of a certificate, for a person who decides whether to trust it. */
export interface ServerCertificate {
  /** SHA-256, `AA:BB:…`. */
  fingerprint: string;
  /** `example.org, *.example.org` */
  names: string;
  /** Empty where it names none. */
  issuer: string;
  /** The last day, `2026-01-31`. */
  until: string;
}

/** A certificate that does not hold, and who showed it. */
export interface UntrustedCertificate extends ServerCertificate {
  /** `mqtts://example.org:8883` */
  where: string;
}
