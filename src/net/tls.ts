import type { ConnectionOptions } from 'node:tls';

/**
 * What a person's `tls-config` says, as tls.connect takes it. Absent: the system's authorities, verified.
 * `servername` counts for MQTT only; over XMPP the certificate must always name the account's domain.
 */
export type TlsSettings = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized' | 'servername' | 'ALPNProtocols'
> & {
  /** Certificates that are trusted although nobody vouches for them: SHA-256 as 64 hexadecimal digits in upper case. */
  pins?: readonly string[];
};

/** True unless the `tls-config` turns the check of certificates off. */
export function verifies(settings: TlsSettings | undefined): boolean {
  return settings?.rejectUnauthorized !== false;
}
