import type { RawBroker, RawCredentials } from './broker-config';

/** The names that core's `msg.broker` takes, as fields of the node. */
export function overridesOf(settings: RawBroker): RawBroker {
  const plain = [
    'broker',
    'host',
    'port',
    'clientid',
    'usetls',
    'compatmode',
    'protocolVersion',
    'keepalive',
    'cleansession',
    'autoUnsubscribe',
    'userProps',
    'userProperties',
    'sessionExpiry',
    'sessionExpiryInterval',
  ];
  const result: Record<string, unknown> = {};
  for (const name of plain) if (Object.hasOwn(settings, name)) result[name] = settings[name];
  if (Object.hasOwn(settings, 'url') && settings.url) result.host = settings.url;
  else if (Object.hasOwn(settings, 'broker') && !Object.hasOwn(settings, 'host'))
    result.host = settings.broker;
  for (const kind of ['birth', 'close', 'will']) {
    if (!Object.hasOwn(settings, kind)) continue;
    const value = settings[kind];
    const message = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
    result[`${kind}Topic`] = message.topic ?? '';
    result[`${kind}Payload`] = message.payload;
    result[`${kind}Qos`] = message.qos;
    result[`${kind}Retain`] = message.retain;
    result[`${kind}Msg`] = message.properties;
  }
  return result;
}

/** The login in core's `msg.broker`. */
export function credentialsOf(settings: RawBroker, raw: RawBroker): RawCredentials {
  const result: RawCredentials = {};
  if (typeof settings.username === 'string') result.user = settings.username;
  if (typeof settings.password === 'string')
    result[raw.jid ? 'mqttPassword' : 'password'] = settings.password;
  return result;
}
