import type { Element } from '@xmpp/client';
import { text } from '../base/catalogue';
import { CodedError } from '../base/coded-error';
import { quote } from '../base/printable';
import type { Text } from '../base/text';
import type { XmppError } from './errors';
import { NS } from './namespaces';

/** Builds an element: `xml(name, attributes, ...children)` of @xmpp/client. */
export type Xml = typeof import('@xmpp/client').xml;

/** Called exactly once: without an error when the server has taken the stanza over (XEP-0198, or a ping behind it). */
export type Sent = (error?: Error) => void;

/** State of a session. `resumed`: the stream went on (XEP-0198 §5), so rooms and presence are still valid. */
export type SessionState =
  | { phase: 'idle' }
  | { phase: 'connecting'; reason?: XmppError }
  | { phase: 'online'; jid: string; resumed: boolean; where: string }
  /** It will be tried again `at` (milliseconds since the epoch). */
  | { phase: 'waiting'; at: number; reason: XmppError }
  /** No more attempts: the login was refused, or another client uses this resource. */
  | { phase: 'stopped'; reason: XmppError };

/** The part of an account's session that everything above the stream needs (messages, rooms, upload, PubSub). */
export interface Stanzas {
  /** The account: `bot@example.org`. */
  readonly account: string;
  readonly domain: string;
  readonly state: SessionState;
  /** Largest stanza that the server takes, in bytes. @default 262144, the limit of both packages */
  readonly stanzaLimit?: number;
  /** Loads the library at first use. Nothing can be built before. */
  load(): Promise<Xml>;
  /** Sends a message or presence, at once or when there is a session again; bounded by the queue's limits. */
  send(stanza: Element, done: Sent): void;
  /** People typed these bare JIDs and domains: who is one of them is known as that, whatever the server makes of it. */
  expect?(jids: Iterable<string>): void;
  /**
   * Sends an `iq` and resolves with its result.
   * @throws StanzaError if the answer is an error; XmppError if none came in time or there is no session.
   */
  ask(iq: Element, options?: { timeoutMs?: number; signal?: AbortSignal }): Promise<Element>;
  /** Called with every message and presence that comes, in order. The result takes the handler away again. */
  onStanza(handler: (stanza: Element) => void): () => void;
  onState(handler: (state: SessionState) => void): () => void;
}

/** An error stanza (RFC 6120 §8.3). */
export class StanzaError extends CodedError {
  override readonly name = 'StanzaError';
  constructor(
    /** `forbidden`, `item-not-found`, … */
    readonly condition: string,
    /** `auth`, `cancel`, `continue`, `modify`, `wait`. */
    readonly kind: string,
    text: Text,
    /** The answer itself, where application conditions are looked for. */
    readonly stanza?: Element,
  ) {
    super(condition, text);
  }
}

/** The condition of an error stanza, and its type (RFC 6120 §8.3). */
export function errorOf(stanza: Element): { condition: string; kind: string; text: string } {
  const error = stanza.getChild('error');
  const named = error?.getChildElements().filter((child) => child.getNS() === NS.stanzas);
  const condition = named?.find(({ name }) => name !== 'text')?.name ?? 'undefined-condition';
  const text = named?.find(({ name }) => name === 'text')?.text() ?? '';
  return { condition, kind: error?.attrs.type ?? 'cancel', text: text.slice(0, MAX_LENGTH) };
}

/** The error in a stanza of type `error` (RFC 6120 §8.3). */
export function stanzaError(stanza: Element): StanzaError {
  const error = stanza.getChild('error');
  const known = error?.getChildElements().filter(({ name }) => name !== 'text');
  const condition = known?.[0]?.name.slice(0, 100) ?? 'undefined-condition';
  const own = error?.getChildText('text') ?? '';
  const from = stanza.attrs.from?.slice(0, 200) ?? text('xmpp.theServer');
  return new StanzaError(
    condition,
    error?.attrs.type ?? 'cancel',
    text('xmpp.answered', { from, condition: own ? `${condition}: ${quote(own, 300)}` : condition }),
    stanza,
  );
}

export const MAX_LENGTH = 1000;
