/// <reference path="../../../editor/red.d.ts" />
import { field as fieldOf } from '../../../editor/form';

const field = (property: string): JQuery => fieldOf('node-config-input', property);
const textOf = (property: string): string => String(field(property).val() ?? '').trim();

/** Fields that decide the server and the login of a test. */
const TEXTS = [
  'jid',
  'serverType',
  'host',
  'port',
  'transport',
  'pubsubService',
  'payloadType',
  'xmppService',
  'protocolVersion',
  'trusted',
] as const;
const BOXES = ['usetls', 'useXmppCredentials', 'allowUnencrypted'] as const;

/** The fields of the open dialog. */
export function dialogConfig(node: EditorNode): Record<string, unknown> {
  const config: Record<string, unknown> = { configVersion: 1 };
  for (const property of TEXTS) config[property] = textOf(property);
  for (const property of BOXES) config[property] = field(property).prop('checked') === true;
  const tls = textOf('tls');
  config.tls = tls === '_ADD_' ? '' : tls;
  // core's word for MQTT over WebSocket, where there is no URL.
  if (node.usews !== undefined) config.usews = node.usews;
  return config;
}

/** Credentials of the open dialog; `__PWRD__` stands for a stored password. */
export function dialogCredentials(): Record<string, string> {
  const raw = (property: string): string => String(field(property).val() ?? '');
  return { password: raw('password'), user: textOf('user'), mqttPassword: raw('mqttPassword') };
}

/** True if one of these fields holds something invalid. The first one gets the focus. */
export function hasFaults(): boolean {
  for (const property of [...TEXTS, 'password', 'user', 'mqttPassword']) {
    const reason = $(`#node-config-input-${property}-reason`).text();
    const row = field(property).closest('.form-row');
    if (reason === '' || row.prop('hidden') === true) continue;
    row.closest('details').prop('open', true);
    field(property).trigger('focus');
    return true;
  }
  return false;
}
