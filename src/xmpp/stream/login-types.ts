import type { Text } from '../../base/text';
import type { XmppEndpoint } from '../../net/host';
import type { ServerCertificate } from '../../net/tls-fault';
import type { XmppFailure } from '../errors';

export interface XmppRequest extends XmppEndpoint {
  /** The account: `local@domain`. */
  local: string;
  domain: string;
  password: string;
  /** True: a stream without TLS is used if the server offers none. */
  allowUnencrypted: boolean;
  /** Connect, encrypt and log in within this many milliseconds. */
  timeoutMs: number;
}

export type XmppAnswer =
  | {
      ok: true;
      address: string;
      encrypted: boolean;
      /** Absent if the connection is not encrypted. */
      verified?: boolean;
      /** True: the certificate is signed by no authority, and trusted by its fingerprint. */
      pinned?: boolean;
      /** `ejabberd 23.01-1` from XEP-0092; absent if the server does not say. */
      software?: string;
      /** Names in the software version and the server's identities, by which servers are recognised. */
      identities: string[];
      services: { pubsub?: string; muc?: string; upload?: string };
    }
  | {
      ok: false;
      failure: XmppFailure;
      text: Text;
      address?: string;
      /** Only with the failure `tls`, if the server showed a certificate. */
      certificate?: ServerCertificate;
    };
