import type { Stanzas } from '../../xmpp/stanzas';

/** The account's one XMPP session, which PubSub shares with everything that chats. */
export interface AccountSession {
  readonly stanzas: Stanzas;
  /** False if the presence or the priority keeps events from this session: they go to available resources only. */
  readonly receivesEvents: boolean;
  /** Opens it, and keeps it open until `close`. */
  open(): void;
  /** Lets go of it; it stays open for others. */
  close(): Promise<void>;
}
