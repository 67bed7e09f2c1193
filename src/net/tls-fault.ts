import { checkServerIdentity, type PeerCertificate } from 'node:tls';

/** The names in a certificate, for people: `example.org, *.example.org, 192.0.2.1`. */
export function namesOf(certificate: PeerCertificate | undefined): string {
  const names = (certificate?.subjectaltname ?? '')
    .split(/,\s*/)
    .map((entry) => entry.replace(/^[A-Za-z ]+:/, ''))
    .filter((name) => name !== '');
  if (names.length === 0) return subjectPart(certificate?.subject?.CN) ?? 'no name';
  return names.length > 6 ? `${names.slice(0, 6).join(', ')} and ${names.length - 6} more` : names.join(', ');
}

/** A distinguished name may hold the same part several times. */
export function subjectPart(part: string | string[] | undefined): string | undefined {
  return typeof part === 'object' ? part[0] : part;
}

function day(text: string | undefined): string {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? '' : ` on ${new Date(time).toISOString().slice(0, 10)}`;
}

/** The fault if a certificate does not name `name` (RFC 9525), else undefined. */
export function nameFault(name: string, certificate: PeerCertificate): TlsFault | undefined {
  if (!checkServerIdentity(name, certificate)) return undefined;
  return { kind: 'wrong-name', text: `the certificate is for ${namesOf(certificate)}, not for ${name}` };
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
    case 'CERT_HAS_EXPIRED':
      return { kind: 'expired', text: `the certificate expired${day(certificate?.valid_to)}` };
    case 'CERT_NOT_YET_VALID': {
      const from = day(certificate?.valid_from) || ' yet';
      return { kind: 'not-yet-valid', text: `the certificate is not valid before${from.replace(' on', '')}` };
    }
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return {
        kind: 'self-signed',
        text: `the certificate (for ${namesOf(certificate)}) is signed by itself`,
      };
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'CERT_UNTRUSTED': {
      const issuer = subjectPart(certificate?.issuer?.CN) ?? subjectPart(certificate?.issuer?.O);
      const whose = issuer === undefined ? '' : ` (${issuer})`;
      return {
        kind: 'unknown-authority',
        text: `the certificate comes from an authority${whose} that is not trusted here`,
      };
    }
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return { kind: 'wrong-name', text: `the certificate is for ${namesOf(certificate)}, not for ${name}` };
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
    case 'ERR_SSL_HTTP_REQUEST':
      return { kind: 'handshake', text: 'what answers there does not speak TLS' };
    case 'ECONNRESET':
    case 'EPIPE':
      return { kind: 'handshake', text: 'the connection was closed during the TLS handshake' };
    default:
      return { kind: 'handshake', text: `the TLS handshake failed (${detail || code})` };
  }
}

/** Advice for people. */
export function tlsAdvice(fault: TlsFault, name: string): string {
  switch (fault.kind) {
    case 'expired':
    case 'not-yet-valid':
      return "Renew the server's certificate, and check the clocks of both machines.";
    case 'self-signed':
    case 'unknown-authority':
      return 'Put the certificate of its authority (or the certificate itself) into a TLS configuration and choose that.';
    case 'wrong-name':
      return `Give the server a certificate for ${name}, or type the name that the certificate carries.`;
    case 'handshake':
      return 'Check that this port is the one with TLS.';
  }
}

/** The visible part of a certificate, for a person who decides whether to trust it. */
export type ShownCertificate = Omit<SeenCertificate, 'where'>;
/** The fault of a certificate or a handshake. */
export interface TlsFault {
  kind: 'expired' | 'not-yet-valid' | 'self-signed' | 'unknown-authority' | 'wrong-name' | 'handshake';
  /** A phrase: `the certificate expired on 2026-01-31`. */
  text: string;
  /** Absent if the handshake did not come so far. */
  certificate?: ShownCertificate;
}

/** A certificate that does not hold, and who showed it. */
export interface SeenCertificate {
  /** `mqtts://example.org:8883` */
  where: string;
  /** SHA-256, `AA:BB:…`. */
  fingerprint: string;
  /** `example.org, *.example.org` */
  names: string;
  /** Empty where it names none. */
  issuer: string;
  /** The last day, `2026-01-31`. */
  until: string;
}
