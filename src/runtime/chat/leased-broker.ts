import type { NodeRegistration } from '../../recorder/topic-watcher';
import type { ContactSource } from '../../xmpp/contacts/contact-list';

/** The part of a connection's chat that the guide needs. */
export interface LeasedSession extends ContactSource {
  register(node: NodeRegistration): void;
  deregister(node: NodeRegistration, removed: boolean): Promise<void>;
}

/** The part of a `dinox-broker` that the guide needs. */
export interface LeasedBroker {
  readonly chat: LeasedSession;
  readonly config: { readonly presence: string };
  /** The result of the last search. */
  readonly found: { readonly services: { pubsub?: string; muc?: string } } | undefined;
}
