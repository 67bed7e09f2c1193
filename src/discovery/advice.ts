/** Advice for an account whose server carries no messages. */
import { text } from '../base/catalogue';
import type { Text } from '../base/text';
import type { ServerType } from '../servers/types';
import type { Jid } from '../xmpp/jid-grammar';

/** Text for people about the missing module of that server, with the lines of its configuration. */
export function enableMqtt(
  serverType: ServerType | undefined,
  jid: Jid | undefined,
  pubsub: string | undefined,
): Text {
  switch (serverType) {
    case 'ejabberd':
      return text('discovery.enableEjabberd');
    case 'prosody':
      return pubsub === undefined
        ? text('discovery.enablePubsub', { pubsub: `pubsub.${jid?.domain ?? ''}`, jid: jid?.bare ?? '' })
        : text('discovery.enableBridge', { pubsub });
    default:
      return text('discovery.typeHost');
  }
}
