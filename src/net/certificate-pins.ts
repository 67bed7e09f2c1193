/** Verifies the other side of a TLS connection, by authorities or by a fingerprint. */
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { fingerprintOf } from './fingerprint';
import type { TlsSettings } from './tls';
import type { ServerCertificate, TlsFault } from './tls-fault';
import { nameFault, namesOf, subjectPart, tlsFault } from './tls-fault';

/**
 * True if this very certificate is trusted by its fingerprint. TLS itself has proved that the other side holds its
 * key. Signer, name and dates no longer count then.
 */
export function isPinned(
  settings: TlsSettings | undefined,
  certificate: PeerCertificate | undefined,
): boolean {
  const { pins = [] } = settings ?? {};
  if (pins.length === 0) return false;
  const fingerprint = fingerprintOf(certificate?.fingerprint256 ?? '');
  return fingerprint !== undefined && pins.includes(fingerprint);
}

/**
 * Looks at the certificate of a connection whose handshake is over, made with `rejectUnauthorized: false`: nothing may be
 * sent before. @param expected the name that the certificate must carry
 */
export function judgePeer(
  socket: TLSSocket,
  expected: string,
  settings: TlsSettings | undefined,
): { pinned: boolean; fault?: TlsFault } {
  const certificate = socket.getPeerCertificate();
  // With a checkServerIdentity that accepts everything, this holds only faults of the chain.
  const code = socket.authorizationError as unknown as string | Error | undefined;
  const fault = code ? tlsFault(codeOf(code), '', expected, certificate) : nameFault(expected, certificate);
  if (!fault) return { pinned: false };
  if (isPinned(settings, certificate)) return { pinned: true };
  const shown = shownCertificate(certificate);
  return { pinned: false, fault: { ...fault, ...(shown && { certificate: shown }) } };
}

function codeOf(code: string | Error): string {
  return typeof code === 'string' ? code : ((code as NodeJS.ErrnoException).code ?? code.message);
}

/** In pairs with colons, as `openssl x509 -fingerprint -sha256` prints it. */
function shownCertificate(certificate: PeerCertificate | undefined): ServerCertificate | undefined {
  const fingerprint = fingerprintOf(certificate?.fingerprint256 ?? '');
  if (!certificate || fingerprint === undefined) return undefined;
  const until = Date.parse(certificate.valid_to);
  return {
    fingerprint: fingerprint.replace(/(..)(?=.)/g, '$1:'),
    names: namesOf(certificate).slice(0, 300),
    issuer: (subjectPart(certificate.issuer?.CN) ?? subjectPart(certificate.issuer?.O) ?? '').slice(0, 200),
    until: Number.isNaN(until) ? '' : new Date(until).toISOString().slice(0, 10),
  };
}
