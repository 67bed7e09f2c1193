/** Advice for an account whose server offers no MQTT. */
import { text } from '../base/catalogue';
import type { Text } from '../base/text';
import type { ServerType } from '../servers/types';

/** Text for people about the missing module of that server, with the lines of its configuration. */
export function enableMqtt(
  serverType: ServerType | undefined,
  domain: string,
  pubsub: string | undefined,
): Text {
  switch (serverType) {
    case 'ejabberd':
      return text('discovery.enableEjabberd');
    case 'prosody':
      return pubsub === undefined
        ? text('discovery.enablePubsub', { pubsub: `pubsub.${domain}` })
        : text('discovery.enableBridge', { pubsub });
    default:
      return text('discovery.typeHost');
  }
}
