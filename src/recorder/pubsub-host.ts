import type { ContactSource } from '../xmpp/contacts/contact-list';

/** Whatever keeps a connection or a session open: a node, the recorder, or an editor. */
export interface NodeRegistration {
  readonly id: string;
  status(status: object): void;
}

/** The part of a connection's chat that the guide needs. */
export interface PubsubSession extends ContactSource {
  register(node: NodeRegistration): void;
  deregister(node: NodeRegistration, removed: boolean): Promise<void>;
}

/** The part of a `dinox-broker` that the guide needs. */
export interface PubsubHost {
  readonly chat: PubsubSession;
  /** What this connection can do; undefined while there is none. */
  readonly wildcards: boolean | undefined;
  readonly config: { readonly payloadType: string; readonly presence: string };
  /** The result of the last search. */
  readonly found: { readonly services: { pubsub?: string; muc?: string } } | undefined;
}
