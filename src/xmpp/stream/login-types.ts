import type { Text } from '../../base/text';
import type { ServerCertificate } from '../../net/tls-fault';
import type { XmppFailure } from '../errors';

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
      certificate?: ServerCertificate;
    };
