/** What the phone shows, as it comes to its page. */
export interface PhoneMessage {
  /** The id of the stanza. */
  readonly id: string;
  readonly from: 'house' | 'you';
  text: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** When it was edited last (XEP-0308). */
  editedAt?: number | undefined;
  /** The person's own reactions (XEP-0444). */
  reactions: string[];
  /** How far a message of the person has come (XEP-0184). */
  state?: 'sent' | 'arrived' | 'failed';
}

export interface PhoneState {
  readonly server: 'prosody' | 'small';
  readonly jid: string;
  /** Is this phone logged in? */
  readonly isOnline: boolean;
  /** Is the house? */
  readonly isHouseThere: boolean;
  readonly messages: readonly PhoneMessage[];
}
