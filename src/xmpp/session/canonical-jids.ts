/**
 * The form in which the server writes the JIDs that people typed. Each server prepares addresses its own way (RFC 3920
 * nodeprep makes `strasse` of `straße` and `σ` of `ς`, RFC 7622 leaves both), and all incoming stanzas bear its form.
 * The server tells our own form when it binds a resource. It is asked for other forms once they matter. Prosody answers
 * in its own form; ejabberd repeats the question, so it is asked what it does with ours.
 */

import type { Element } from '@xmpp/client';
import { BoundedMap } from '../../base/bounded-map';
import { addressOf, bareOf, domainOf } from '../addresses';
import { NS } from '../namespaces';
import { StanzaError, type Xml } from '../stanzas';

/** Maximum typed addresses, and stanzas that wait for the server's answer. */
const MAX_EXPECTED = 2_000;
const MAX_WAITING = 200;
/** Attributes that hold addresses: of stanzas, of copies in them (XEP-0280), of rooms (XEP-0045), of ids (XEP-0359). */
const ADDRESSES = ['from', 'to', 'jid', 'by'] as const;
const DEEPEST = 8;

/** Milliseconds for which an address that nobody typed is not asked about again. */
const STRANGER_MS = 600_000;
const MAX_STRANGERS = 1_000;

export class CanonicalJids {
  /** Typed addresses, by their loose form ({@link looseForm}). */
  private readonly expected = new Map<string, Set<string>>();
  private readonly typedForms = new Set<string>();
  /** The server's form → the typed one. */
  private readonly names = new Map<string, string>();
  /** Addresses that turned out not to be typed by anybody, and when. */
  private readonly strangers = new BoundedMap<string, number>(MAX_STRANGERS);
  private readonly asking = new Map<string, Promise<void>>();
  private waiting = 0;
  private bound = '';
  private nodeprep: Promise<boolean> | undefined;

  constructor(
    private readonly ask: (iq: Element) => Promise<Element>,
    private readonly load: () => Promise<Xml>,
    /** Milliseconds, of a steady clock. */
    private readonly now: () => number,
  ) {}

  /** Registers a bare JID or a domain that somebody typed. Costs nothing if every server writes it in the same way. */
  expect(jid: string): void {
    if (this.typedForms.has(jid) || this.typedForms.size >= MAX_EXPECTED) return;
    this.typedForms.add(jid);
    if (isAscii(jid)) return;
    const loose = looseForm(jid);
    const same = this.expected.get(loose);
    if (same) same.add(jid);
    else this.expected.set(loose, new Set([jid]));
  }

  /** Somebody is written to, at an address that people typed. */
  addressed(to = ''): void {
    if (!isAscii(to)) this.expect(to.split('/', 1)[0] ?? to);
  }

  /** What the server calls this session (RFC 6120 §7.6), as people typed it. */
  own(account: string, domain: string, bound: string): string {
    this.bound = bound;
    this.expect(domain);
    this.expect(account);
    this.learn(domain, domainOf(bareOf(bound)));
    this.learn(account, bound);
    return this.typed(bound);
  }

  /** Notes the server's form of a typed address. It is believed only if the two can be the same. */
  learn(typed: string, written: string | undefined): boolean {
    const bare = bareOf(written);
    if (bare === '' || bare === typed || this.typedForms.has(bare)) return false;
    if (isAscii(typed) || looseForm(bare) !== looseForm(typed)) return false;
    this.names.set(bare, typed);
    return true;
  }

  /** An address as people typed it; any other as it is. */
  typed(written: string): string {
    if (this.names.size === 0) return written;
    const address = addressOf(written);
    const name = address && this.nameOf(address.bare);
    if (!address || name === undefined) return written;
    return address.resource === '' ? name : `${name}/${address.resource}`;
  }

  /**
   * Hands a stanza on with the addresses in it as people typed them. If the server has to be asked first, that happens
   * later.
   */
  admit(stanza: Element, deliver: () => void): void {
    if (this.expected.size === 0 && this.names.size === 0) {
      deliver();
      return;
    }
    // Others wait for an answer, so it is not held up.
    if (stanza.name === 'iq') {
      stanza.attrs.from &&= this.typed(stanza.attrs.from);
      deliver();
      return;
    }
    const open = new Map<string, () => Promise<void>>();
    each(stanza, 0, (written) => {
      const address = addressOf(written);
      if (!address) return undefined;
      for (const form of new Set([address.bare, domainOf(address.bare)])) {
        if (this.isOpen(form))
          open.set(form, () => this.find(form, form === address.bare ? address.resource : ''));
      }
      return undefined;
    });
    const handOn = (): void => {
      each(stanza, 0, (written) => this.typed(written));
      deliver();
    };
    if (open.size === 0 || this.waiting >= MAX_WAITING) {
      handOn();
      return;
    }
    this.waiting += 1;
    Promise.all([...open.values()].map((find) => find())).then(() => {
      this.waiting -= 1;
      handOn();
    });
  }

  private nameOf(bare: string): string | undefined {
    const name = this.names.get(bare);
    if (name !== undefined || !bare.includes('@')) return name;
    const domain = this.names.get(domainOf(bare));
    return domain === undefined ? undefined : `${bare.slice(0, bare.indexOf('@'))}@${domain}`;
  }

  /** True if this may be one of the typed addresses. */
  private isOpen(form: string): boolean {
    if (this.typedForms.has(form) || this.names.has(form) || !this.expected.has(looseForm(form)))
      return false;
    const since = this.strangers.get(form);
    return since === undefined || this.now() - since > STRANGER_MS;
  }

  /** Finds out if the server's `form`, at this device, belongs to a typed address. */
  private find(form: string, device: string): Promise<void> {
    const asking = this.asking.get(form) ?? this.search(form, device).finally(() => this.asking.delete(form));
    this.asking.set(form, asking);
    return asking;
  }

  private async search(form: string, device: string): Promise<void> {
    for (const typed of this.expected.get(looseForm(form)) ?? []) {
      const written = await this.formOf(typed);
      // The form belongs to somebody else, or was only repeated.
      if (bareOf(written) === form ? this.learn(typed, form) : bareOf(written) !== typed) continue;
      const isOurs = domainOf(typed) === domainOf(bareOf(this.bound)) && domainOf(form) === domainOf(typed);
      if (isOurs && (await this.preparesLoosely()) && form === looseForm(typed)) this.learn(typed, form);
      // An answer from the other address shows that both are the same.
      else if (device !== '' && bareOf(await this.formOf(`${typed}/${device}`)) === form)
        this.learn(typed, form);
    }
    if (this.names.has(form)) return;
    this.strangers.set(form, this.now());
  }

  /**
   * True if our own server prepares names as RFC 3920 wants it. Then it removes a soft hyphen (RFC 3454 B.1), which
   * RFC 7622 refuses, and messages to our address with one in it reach us.
   */
  private preparesLoosely(): Promise<boolean> {
    this.nodeprep ??= this.formOf(this.bound.replace('@', '\u00AD@')).then(
      (written) => written !== undefined && this.typed(written) === this.typed(this.bound),
    );
    return this.nodeprep;
  }

  /** The server's form of an address, read from any answer, also an error. Undefined: nobody answered. */
  private async formOf(jid: string): Promise<string | undefined> {
    try {
      const xml = await this.load();
      const answer = await this.ask(
        xml('iq', { type: 'get', to: jid }, xml('query', { xmlns: NS.discoInfo })),
      );
      return answer.attrs.from;
    } catch (error) {
      return error instanceof StanzaError ? error.stanza?.attrs.from : undefined;
    }
  }
}

export function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

/** The part that two forms of one address have in common under any preparation (RFC 3454 tables B.1 to B.3, NFKC). */
export function looseForm(jid: string): string {
  return jid
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '');
}

/** Changes the addresses in a stanza to what `change` makes of them; undefined: nothing. */
function each(element: Element, depth: number, change: (written: string) => string | undefined): void {
  const { attrs } = element;
  for (const name of ADDRESSES) {
    const written = attrs[name];
    if (typeof written !== 'string' || written === '') continue;
    const changed = change(written);
    if (changed !== undefined && changed !== written) attrs[name] = changed;
  }
  if (depth >= DEEPEST) return;
  for (const child of element.children) if (typeof child !== 'string') each(child, depth + 1, change);
}
