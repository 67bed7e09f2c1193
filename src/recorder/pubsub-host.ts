import type { ContactSource } from '../xmpp/contacts/contact-list';

/** What holds a session open: one of the nodes, or whoever looks. */
interface Holder {
  readonly id: string;
  status(status: object): void;
}

/** What the guide needs of a connection's chat. */
export interface GuidedChat extends ContactSource {
  register(user: Holder): void;
  deregister(user: Holder, removed: boolean): Promise<void>;
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
