import { BoundedMap } from '../../base/bounded-map';
import type { ChatKind } from '../chat-kind';
import { XmppError } from '../errors';
import { NS } from '../namespaces';
import { StanzaError, type Stanzas } from '../stanzas';

const MAX_KNOWN = 1_000;

/** Finds out if a JID is a room or a person. Each JID is asked once (XEP-0030, XEP-0045 §6.4). */
export class RecipientKinds {
  private readonly known = new BoundedMap<string, ChatKind>(MAX_KNOWN);

  constructor(private readonly stanzas: Stanzas) {}

  /** The kind that is known without asking; undefined: it has to be asked. */
  peek(jid: string): ChatKind | undefined {
    // A full JID is one client, or one person in a room: both are written to as a person.
    if (jid.includes('/')) return 'chat';
    const known = this.known.get(jid);
    if (known) return known;
    // The account's own domain has accounts; rooms have a domain of their own.
    return jid.split('@').at(-1) === this.stanzas.domain ? 'chat' : undefined;
  }

  /**
   * Rooms have the identity `conference`, with the type `text`, or `irc` for a gateway's channel. A room that does not
   * exist yet is recognised by its service, if that is `conference/text`: behind gateways there are people, too. A JID
   * without an answer is a person.
   * @throws XmppError if the session was lost meanwhile.
   */
  async of(jid: string): Promise<ChatKind> {
    const known = this.peek(jid);
    if (known) return known;
    const own = await this.isConference(jid, undefined);
    if (own !== undefined) return this.keep(jid, own ? 'groupchat' : 'chat');
    const service = jid.includes('@')
      ? await this.isConference(jid.slice(jid.indexOf('@') + 1), 'text')
      : undefined;
    if (service !== undefined) return this.keep(jid, service ? 'groupchat' : 'chat');
    return 'chat';
  }

  private keep(jid: string, kind: ChatKind): ChatKind {
    this.known.set(jid, kind);
    return kind;
  }

  /**
   * True for a `conference` of this type. Undefined if the JID does not say: it refuses, does not exist, or is silent.
   * @param type undefined: any.
   */
  private async isConference(jid: string, type: 'text' | undefined): Promise<boolean | undefined> {
    try {
      const xml = await this.stanzas.load();
      const query = xml('query', { xmlns: NS.discoInfo });
      const answer = await this.stanzas.ask(xml('iq', { type: 'get', to: jid }, query), {
        timeoutMs: 10_000,
      });
      const identities = answer.getChild('query', NS.discoInfo)?.getChildren('identity') ?? [];
      return identities.some(
        ({ attrs }) => attrs.category === 'conference' && (!type || attrs.type === type),
      );
    } catch (error) {
      if (error instanceof StanzaError) return undefined;
      if (error instanceof XmppError && error.code === 'timeout') return undefined;
      throw error;
    }
  }
}
