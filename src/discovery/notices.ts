/** Notices about connections that work. */

import { text } from '../base/catalogue';
import type { Text } from '../base/text';
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
  /** True without TLS although TLS was asked for, because nothing answered with TLS. */
  fallback?: boolean;
}

/** The notices about one MQTT connection, decided on the address actually connected to. */
export function lineNotices({ endpoint, address, serverType, login, verify, fallback }: LineFacts): Notice[] {
  const notices: Notice[] = [];
  const where = endpointText(endpoint);
  const local = isLocalAddress(address);
  const add = (level: Notice['level'], code: string, note: Text) => notices.push({ level, code, text: note });
  if (usesTls(endpoint)) {
    if (!verify) add('warning', 'mqtt-unverified', text('discovery.noteUnverified', { where }));
  } else if (!local) {
    const note =
      login === 'none'
        ? text('discovery.noteClear', { where, address })
        : text('discovery.noteClearPassword', { where, address });
    add('warning', 'tls-off', note);
  } else if (fallback) {
    add('info', 'tls-fallback', text('discovery.noteFallback', { where, address }));
  } else {
    add('info', 'tls-off-local', text('discovery.noteLocal', { where, address }));
  }
  if (serverType === 'prosody' && !local) {
    add('warning', 'bridge-open', text('discovery.noteBridge', { where, address }));
  }
  return notices;
}
