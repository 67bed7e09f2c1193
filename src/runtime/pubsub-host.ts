import type { AcquaintedChat } from './acquaintances';
import type { User } from './node-contract';

/** What the guide needs of a connection's chat. */
export interface GuidedChat extends AcquaintedChat {
  register(user: User): void;
  deregister(user: User, removed: boolean): Promise<void>;
}

/** What the guide needs of a `dinox-broker`. */
export interface GuidedBroker {
  readonly chat: GuidedChat;
  /** What this connection can do; undefined while there is none. */
  readonly wildcards: boolean | undefined;
  readonly config: { readonly payloadType: string; readonly presence: string };
  /** What was found last. */
  readonly found: { readonly services: { pubsub?: string; muc?: string } } | undefined;
}
