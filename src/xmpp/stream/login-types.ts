import type { Text } from '../../base/text';
import type { ShownCertificate } from '../../net/tls-fault';

export interface XmppEndpoint {
  host: string;
  port: number;
  /** True: TLS from the first byte (`xmpps://`, XEP-0368); false: STARTTLS, which is required. */
  directTls: boolean;
}

export interface XmppRequest extends XmppEndpoint {
  /** The account: `local@domain`. */
  local: string;
  domain: string;
  password: string;
  /** True: a stream without TLS is used where the server offers none. */
  allowUnencrypted: boolean;
  /** Connect, encrypt and log in within this many milliseconds. */
  timeoutMs: number;
}

export type XmppAnswer =
  | {
      ok: true;
      address: string;
      encrypted: boolean;
      /** Absent where the connection is not encrypted. */
      verified?: boolean;
      /** True: the certificate is not signed by an authority, and is trusted by its fingerprint. */
      pinned?: boolean;
      /** `ejabberd 23.01-1` from XEP-0092, absent where the server does not tell. */
      software?: string;
      /** Names in the software version and the server's identities, to tell servers by. */
      identities: string[];
      services: { pubsub?: string; muc?: string; upload?: string };
    }
  | {
      ok: false;
      failure: XmppFailure;
      text: Text;
      address?: string;
      /** With the failure `tls`, where the server showed one. */
      certificate?: ShownCertificate;
    };
/** Why an XMPP login failed. `login` alone forbids a further try. */
export type XmppFailure =
  /** not-authorized, account-disabled, credentials-expired: the password or the account is refused. */
  | 'login'
  /** policy-violation: this address is banned for a while (fail2ban), or a limit was hit. */
  | 'policy'
  | 'host-unknown'
  /** DNS has no such host. */
  | 'name'
  | 'conflict'
  | 'shutdown'
  | 'tls'
  /** The server offers no TLS, and nobody allowed to go without. */
  | 'unencrypted'
  | 'network'
  | 'timeout'
  | 'protocol';
