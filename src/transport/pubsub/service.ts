import type { Element } from '@xmpp/client';
import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { textOf } from '../../base/coded-error';
import { XmppError } from '../../xmpp/errors';
import { identitiesOf } from '../../xmpp/pubsub/answers';
import { PubsubRequests } from '../../xmpp/pubsub/requests';
import { errorOf, StanzaError, type Stanzas, type Xml } from '../../xmpp/stanzas';
import { LinkError } from '../errors';
import type { AskWindow } from './ask-window';

/** Time, in milliseconds, for the service to say what it is, and for any other question. */
const CHECK_TIMEOUT = 15_000;
const ANSWER_TIMEOUT = 30_000;

/** The session ended before the answer: nobody knows whether the question was obeyed. */
export function isLost(error: unknown): boolean {
  return error instanceof XmppError && error.code === 'network';
}

/** The service has had the question for {@link ANSWER_TIMEOUT}: a server that restarts may lose an answer. */
export function isUnanswered(error: unknown): error is XmppError {
  return error instanceof XmppError && error.code === 'timeout';
}

/** The condition of a refusal (RFC 6120 §8.3.3), and not one of PubSub's own beside it; undefined for any other error. */
export function conditionOf(error: unknown): string | undefined {
  if (!(error instanceof StanzaError)) return undefined;
  return error.stanza ? errorOf(error.stanza).condition : error.condition;
}

/** One PubSub service, as the account's session reaches it. */
export class PubsubService {
  readonly requests: PubsubRequests;
  constructor(
    private readonly stanzas: Stanzas,
    xml: Xml,
    readonly jid: string,
    readonly clock: Clock,
  ) {
    this.requests = new PubsubRequests(xml, jid, stanzas.account);
  }

  /** Asks within a window. @throws StanzaError, XmppError */
  async ask(question: Element, window: AskWindow): Promise<Element> {
    const ended = window.begin();
    try {
      return await this.stanzas.ask(question, { timeoutMs: ANSWER_TIMEOUT });
    } finally {
      ended();
    }
  }

  /** Sends a message that nobody has to answer. */
  tell(message: Element): void {
    this.stanzas.send(message, () => {});
  }

  /** Resolves if there is such a service. @throws LinkError with the reason; XmppError if the session was lost */
  async check(): Promise<void> {
    const { jid: service } = this;
    let found: string[];
    try {
      found = identitiesOf(await this.stanzas.ask(this.requests.info(), { timeoutMs: CHECK_TIMEOUT }));
    } catch (error) {
      if (isLost(error)) throw error;
      const isSilent = error instanceof XmppError && error.code === 'timeout';
      throw new LinkError(
        isSilent ? 'timeout' : 'refused',
        text(isSilent ? 'pubsub.silent' : 'pubsub.unreachable', { service, text: textOf(error) }),
        false,
        { cause: error },
      );
    }
    if (found.includes('pubsub/service') || found.includes('pubsub/pep')) return;
    const what = found.length > 0 ? found.join(', ') : text('pubsub.unnamed');
    throw new LinkError('config', text('pubsub.noService', { service, what }), true);
  }
}
