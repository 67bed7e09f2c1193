/** What a person should know although the connection works. */

import { isLocalAddress } from '../net/locality';
import { endpointText, usesTls } from '../servers/endpoint';
import type { Endpoint, ServerType } from '../servers/types';
import type { LoginKind, Notice } from './types';

export interface LineFacts {
  endpoint: Endpoint;
  /** The address actually connected to. */
  address: string;
  serverType: ServerType;
  login: LoginKind;
  /** False if certificates are not checked. */
  verify: boolean;
  /** True: without TLS although TLS was asked for, because nothing answered with TLS. */
  fallback?: boolean;
}

/** The notices about one MQTT connection, decided on the address actually connected to. */
export function lineNotices({ endpoint, address, serverType, login, verify, fallback }: LineFacts): Notice[] {
  const notices: Notice[] = [];
  const where = endpointText(endpoint);
  const local = isLocalAddress(address);
  const add = (level: Notice['level'], code: string, text: string) => notices.push({ level, code, text });
  if (usesTls(endpoint)) {
    if (!verify) {
      add(
        'warning',
        'mqtt-unverified',
        `The certificate of ${where} is not verified, because the TLS configuration says so: anyone in between can read and write.`,
      );
    }
  } else if (!local) {
    const what = login === 'none' ? 'All messages go' : 'The password and all messages go';
    add(
      'warning',
      'tls-off',
      `${what} unencrypted to ${where} (${address}), which is not a local address. Switch TLS on.`,
    );
  } else if (fallback) {
    add(
      'info',
      'tls-fallback',
      `Nothing answers with TLS, so MQTT runs unencrypted to the local address ${address} (${where}).`,
    );
  } else {
    add('info', 'tls-off-local', `MQTT runs unencrypted to the local address ${address} (${where}).`);
  }
  if (serverType === 'prosody' && !local) {
    add(
      'warning',
      'bridge-open',
      `Prosody's MQTT bridge knows no login: anyone who reaches this port (${where}, ${address}) can read and write. Protect it with a firewall or a VPN.`,
    );
  }
  return notices;
}
