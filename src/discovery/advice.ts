/** What to switch on where an account's server offers no MQTT. */
import type { ServerType } from '../servers/types';

/** For people: what is missing on that server, with the lines of its configuration. */
export function enableMqtt(
  serverType: ServerType | undefined,
  domain: string,
  pubsub: string | undefined,
): string {
  switch (serverType) {
    case 'ejabberd':
      return `Switch on mod_mqtt in ejabberd.yml:

listen:
  -
    port: 8883
    module: mod_mqtt
    backlog: 1000
    tls: true
modules:
  mod_mqtt: {}

Or type the host of another broker.`;
    case 'prosody':
      return pubsub === undefined
        ? `Switch on PubSub and its MQTT bridge in prosody.cfg.lua:\n\n${bridge(`pubsub.${domain}`)}\n\nOr type the host of another broker.`
        : `The server has PubSub (${pubsub}) but no MQTT bridge. PubSub without a bridge comes with a later version of this package. Until then switch the bridge on in prosody.cfg.lua:\n\n${bridge(pubsub)}\n\nOr type the host of another broker.`;
    default:
      return 'Type the host of the broker.';
  }
}

function bridge(pubsub: string): string {
  return `Component "${pubsub}" "pubsub"
    modules_enabled = { "pubsub_mqtt" }`;
}
