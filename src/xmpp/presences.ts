/** Who is there: what presences told since the session began (RFC 6121 §4). Bounded, since anybody may send them. */
import type { Element } from '@xmpp/client';
import { addressOf } from './addresses';
import { showOf } from './roster';
import type { SessionState, Stanzas } from './stanzas';

const MOST_PEOPLE = 2_000;
const MOST_DEVICES = 20;
const NS_MUC_USER = 'http://jabber.org/protocol/muc#user';
/** Of several devices the one that is most likely to be looked at counts. */
const ORDER = ['xa', 'away', 'dnd', 'available', 'chat'];

export class Presences {
  /** Bare JID → its devices and what they show. */
  private readonly people = new Map<string, Map<string, string>>();

  constructor(stanzas: Pick<Stanzas, 'onStanza' | 'onState'>) {
    stanzas.onStanza((stanza) => this.take(stanza));
    stanzas.onState((state) => this.begin(state));
  }

  /** `available`, `chat`, `away`, `xa` or `dnd`; empty for one who did not say so. */
  showOf(jid: string): string {
    const shows = [...(this.people.get(jid)?.values() ?? [])];
    return shows.sort((a, b) => ORDER.indexOf(b) - ORDER.indexOf(a))[0] ?? '';
  }

  private begin(state: SessionState): void {
    // A resumed stream goes on where it was; a new one is told everything anew.
    if (state.phase === 'online' && !state.resumed) this.people.clear();
  }

  private take(stanza: Element): void {
    if (stanza.name !== 'presence') return;
    const seen = showOf(stanza);
    // Those in rooms are nicks.
    if (!seen || stanza.getChild('x', NS_MUC_USER)) return;
    const { jid, show } = seen;
    const device = addressOf(stanza.attrs.from)?.resource ?? '';
    const devices = this.people.get(jid);
    if (show === '') {
      // Without a device it is the server's word about all of them.
      if (device === '') devices?.clear();
      else devices?.delete(device);
      if (devices?.size === 0) this.people.delete(jid);
    } else if (devices) {
      if (devices.size < MOST_DEVICES || devices.has(device)) devices.set(device, show);
    } else if (this.people.size < MOST_PEOPLE) this.people.set(jid, new Map([[device, show]]));
  }
}
