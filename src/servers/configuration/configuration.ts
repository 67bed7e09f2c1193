/** What an administrator puts into the files of a server, filled with what is known of an account. */

import { text } from '../../base/catalogue';
import type { Text } from '../../base/text';
import type { ServerType } from '../types';

export interface ConfigurationFacts {
  /** Bare JID of the account. */
  jid: string;
  domain: string;
  /** JID of the PubSub service. */
  pubsub: string;
  /** The transport that is used, or would be. */
  transport: 'mqtt' | 'pubsub';
  /** MQTT broker of the account's server, with TLS. */
  mqtt: { host: string; port: number };
}

/** One piece of a configuration, with comments in the reader's language. */
export interface ConfigurationPart {
  /** File that it belongs to, as Debian's packages name it. */
  file: string;
  text: Text;
}

/** JSON's text is a text of Lua, and of YAML in double quotes, as long as it has no control characters: JIDs have none. */
const quoted = (value: string): string => JSON.stringify(value);

/** Prosody: a PubSub component in which the account may create nodes, and a bridge that only this machine reaches. */
function prosody({ jid, pubsub, transport }: ConfigurationFacts): ConfigurationPart[] {
  const file = '/etc/prosody/prosody.cfg.lua';
  const values = { jid, account: quoted(jid), pubsub: quoted(pubsub) };
  const component =
    transport === 'mqtt'
      ? text('configuration.prosodyBridge', values)
      : text('configuration.prosodyPubsub', values);
  return [
    { file, text: text('configuration.prosodyPorts') },
    { file, text: component },
  ];
}

/** ejabberd: MQTT with rules by account. An included file may add all but modules, which must not stand twice. */
function ejabberd({ jid, mqtt }: ConfigurationFacts): ConfigurationPart[] {
  const file = '/etc/ejabberd/dinox.yml';
  const own = '/etc/ejabberd/ejabberd.yml';
  return [
    { file, text: text('configuration.ejabberd', { jid, account: quoted(jid), port: String(mqtt.port) }) },
    { file: own, text: text('configuration.ejabberdModules') },
    { file: own, text: text('configuration.ejabberdInclude', { file }) },
  ];
}

/** Mosquitto: a bridge to the MQTT broker of the account's server. It holds the password, which is typed there only. */
function mosquitto({ jid, domain, mqtt }: ConfigurationFacts): ConfigurationPart[] {
  const values = { jid, domain, host: mqtt.host, port: String(mqtt.port) };
  return [{ file: '/etc/mosquitto/conf.d/dinox.conf', text: text('configuration.mosquitto', values) }];
}

const SERVERS = { prosody, ejabberd, mosquitto } as const;

/** The configuration of one kind of server. */
export function serverConfiguration(server: ServerType, facts: ConfigurationFacts): ConfigurationPart[] {
  return SERVERS[server](facts);
}
