import type { ConnectionOptions } from 'node:tls';

/**
 * A user's `tls-config`, as tls.connect takes it. Absent: the system's authorities, verified. `servername` counts for
 * MQTT only. Over XMPP the certificate must always name the account's domain.
 */
export type TlsSettings = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized' | 'servername' | 'ALPNProtocols'
> & {
  /**
   * Certificates that are trusted although no authority signed them: SHA-256 as 64 hexadecimal digits in upper case.
   */
  pins?: readonly string[];
};

/** True unless the `tls-config` turns the check of certificates off. */
export function verifies(settings: TlsSettings | undefined): boolean {
  return settings?.rejectUnauthorized !== false;
}
