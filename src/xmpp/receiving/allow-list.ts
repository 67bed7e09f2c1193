/** The senders that a flow accepts. The account's own devices are always allowed; everyone else has to be named. */

import { Fault } from '../../base/fault';
import { domainOf } from '../addresses';
import { ENTRY_SEPARATOR, entriesOf, readAllowed } from '../typed-addresses';

/** The sender, as far as the server vouches for it. */
export interface Speaker {
  /** Bare JID; for an occupant the room's. */
  bare: string;
  /** The device, or in a room the nick. */
  resource: string;
  /** Bare JID of the room that it comes through. */
  room?: string | undefined;
  /** Real JID of an occupant, if the room reveals it (XEP-0045, non-anonymous). */
  realJid?: string | undefined;
}

/** An entry that is none. `word`: a single word, which would be a domain but is meant as a name. */
export interface AllowProblem {
  entry: string;
  code: 'jid' | 'word';
}

/** Maximum entries. More would be a mistake, and cost time for every message. */
const MAX_ENTRIES = 1_000;
const SHOWN = 80;

export class AllowList {
  /** `*`: everybody who finds the address. */
  everyone = false;
  readonly problems: AllowProblem[] = [];
  private readonly jids = new Set<string>();
  private readonly domains = new Set<string>();

  /**
   * @param entries as {@link readAllowed}, separated by commas, semicolons or white space.
   * @param account bare JID of the own account.
   */
  constructor(
    entries: string,
    private readonly account: string,
  ) {
    for (const entry of entriesOf(entries, ENTRY_SEPARATOR).slice(0, MAX_ENTRIES)) this.add(entry);
  }

  /** Only the own account's other devices may speak. */
  get onlyOwn(): boolean {
    return !this.everyone && this.domains.size === 0 && [...this.jids].every((jid) => jid === this.account);
  }

  /** The listed bare JIDs: people and rooms. */
  get bareJids(): string[] {
    return [...this.jids].filter((jid) => !jid.includes('/'));
  }

  /** All that was typed, without resources: bare JIDs and domains. */
  get names(): string[] {
    return [...[...this.jids].map((jid) => jid.split('/', 1)[0] ?? jid), ...this.domains];
  }

  allows({ bare, resource, room, realJid }: Speaker): boolean {
    if (this.everyone) return true;
    if (room !== undefined) {
      // A nick proves nothing: anybody may take it.
      return this.lists(room, '') || (realJid !== undefined && this.isPerson(realJid, ''));
    }
    return this.isPerson(bare, resource);
  }

  private isPerson(bare: string, resource: string): boolean {
    return bare === this.account || this.lists(bare, resource);
  }

  private lists(bare: string, resource: string): boolean {
    return (
      this.jids.has(bare) ||
      this.domains.has(domainOf(bare)) ||
      (resource !== '' && this.jids.has(`${bare}/${resource}`))
    );
  }

  private add(entry: string): void {
    const allowed = readAllowed(entry);
    const fail = (code: AllowProblem['code']) => this.problems.push({ entry: entry.slice(0, SHOWN), code });
    if (allowed === '*') {
      this.everyone = true;
      return;
    }
    if (allowed instanceof Fault) {
      fail('jid');
      return;
    }
    const { local, domain, bare, resource } = allowed;
    if (local !== '') this.jids.add(resource === '' ? bare : `${bare}/${resource}`);
    else if (/^[^.[@]+$/.test(domain) && !entry.includes('@') && domain !== domainOf(this.account))
      fail('word');
    else this.domains.add(domain);
  }
}
