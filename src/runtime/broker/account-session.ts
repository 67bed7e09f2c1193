import type { AccountSession } from '../../transport/pubsub/account-session';
import type { Chat } from '../chat/chat';
import type { BrokerConfig } from '../config/broker-config';

/** The session of the account that chats, as the PubSub transport uses it. */
export function accountSession(owner: {
  readonly chat: Chat;
  readonly config: BrokerConfig;
}): AccountSession {
  const node = { id: 'dinox-pubsub', status: () => {} };
  return {
    get stanzas() {
      return owner.chat.stanzas;
    },
    get receivesEvents() {
      const { presence, priority } = owner.config;
      return presence !== 'none' && priority >= 0;
    },
    open: () => owner.chat.open(node),
    close: () => owner.chat.deregister(node, true),
  };
}
