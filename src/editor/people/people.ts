/// <reference path="../red.d.ts" />
import type { Text } from '../../base/text';
import { type ApiError, post } from '../admin-api';
import { readText, shared } from '../texts';

/** People and rooms of a deployed connection: answer of `POST dinox/chat/:id/people`. */
export interface PeopleView {
  /** `none`: it is not deployed. */
  phase: 'none' | 'idle' | 'connecting' | 'online' | 'waiting' | 'stopped';
  reason?: Text;
  account: string;
  /** True once contacts and rooms have been asked for. */
  ready: boolean;
  callers: { jid: string; text: string; at: number }[];
  contacts: { jid: string; name: string; show: string; known: boolean }[];
  rooms: { jid: string; name: string; from: 'joined' | 'bookmark' | 'server' }[];
}

/** A person or room to choose. */
export interface PersonChoice {
  jid: string;
  name: string;
  kind: 'person' | 'room';
  group: 'callers' | 'contacts' | 'rooms';
  /** Key below `people` in the texts of `dinox-broker`, and the look of its dot. */
  word: string;
  tone: 'there' | 'away' | 'busy' | 'gone' | 'unknown' | '';
  /** Text of the message. */
  text?: string;
}

/** Milliseconds between two questions until the lists are there, and after that. */
const HURRY_MS = 300;
const ASK_MS = 2_000;
const TONES: Readonly<Record<string, PersonChoice['tone']>> = {
  available: 'there',
  chat: 'there',
  away: 'away',
  xa: 'away',
  dnd: 'busy',
};

/** Follows the people that the chosen connection knows, while the dialog is open. */
export class People {
  view: PeopleView | undefined;
  /** Why the runtime cannot be asked. */
  private refused: ApiError | undefined;
  private opened = false;
  private readonly dialog = RED.nodes.id();
  private asked = '';
  private timer: ReturnType<typeof setTimeout> | undefined;
  private turn = 0;

  /**
   * @param brokerId the id of the chosen connection.
   * @param isOpen returns true while the dialog is open.
   * @param changed called when there is news.
   */
  constructor(
    private readonly brokerId: () => string,
    private readonly isOpen: () => boolean,
    private readonly changed: () => void,
  ) {}

  /** Opens the account's session until the dialog closes. */
  open(): void {
    if (this.opened) return;
    this.opened = true;
    void this.ask();
  }

  /** Asks again if another connection was chosen. */
  look(): void {
    const id = this.brokerId();
    if (id === this.asked) return;
    this.leave();
    this.asked = id;
    this.view = undefined;
    this.refused = undefined;
    void this.ask();
  }

  /** The chosen account; empty if there is none. */
  get account(): string {
    return String(RED.nodes.node(this.brokerId())?.jid ?? '').trim();
  }

  get choices(): PersonChoice[] {
    const { view } = this;
    if (!view || !this.isSame) return [];
    const known = new Set(view.contacts.map(({ jid }) => jid));
    const callers = view.callers
      .filter(({ jid }) => !known.has(jid))
      .map(({ jid, text }) => ({ jid, name: '', text, ...PERSON, ...group('callers', 'caller') }));
    const contacts = view.contacts.map(({ jid, name, show, known: tells }) => {
      const word = tells ? (TONES[show] ? show : 'gone') : 'unknown';
      return {
        jid,
        name,
        ...PERSON,
        ...group('contacts', word, TONES[show] ?? (tells ? 'gone' : 'unknown')),
      };
    });
    const rooms = view.rooms.map(({ jid, name, from }) => ({
      ...{ jid, name, kind: 'room' as const },
      ...group('rooms', from),
    }));
    return [...callers, ...contacts, ...rooms];
  }

  find(jid: string): PersonChoice | undefined {
    const bare = (jid.split('/', 1)[0] ?? '').toLowerCase();
    return this.choices.find((one) => one.jid === bare);
  }

  /** State of the list in words; empty if the list speaks for itself. */
  get state(): string {
    const { refused, view } = this;
    const brokerId = this.brokerId();
    if (brokerId.startsWith('$')) return translate('handedDown');
    if (!RED.nodes.node(brokerId)) return translate('noConnection');
    if (refused) {
      return translate(refused.isForbidden ? 'forbidden' : 'lost');
    }
    if (!view) return '';
    if (view.phase === 'none' || !this.isSame) return translate('deploy');
    if (view.phase === 'idle') return this.opened ? translate('connecting') : '';
    if (view.phase === 'connecting') return translate('connecting');
    if (view.phase !== 'online')
      return translate('trouble', { reason: view.reason ? readText(view.reason) : '' });
    if (!view.ready) return translate('connecting');
    return this.choices.length === 0 ? translate('nobody', { account: view.account }) : '';
  }

  /** True if the deployed account is the one chosen here. */
  private get isSame(): boolean {
    const { account, view } = this;
    return /\$[({]/.test(account) || account.split('/', 1)[0]?.toLowerCase() === view?.account.toLowerCase();
  }

  private async ask(): Promise<void> {
    clearTimeout(this.timer);
    this.turn += 1;
    const { asked, turn } = this;
    if (!RED.nodes.node(asked)) {
      this.changed();
      return;
    }
    try {
      const view = await post<PeopleView>(path(asked), { open: this.opened, dialog: this.dialog });
      if (turn !== this.turn) return;
      this.view = view;
      this.refused = undefined;
    } catch (error) {
      if (turn !== this.turn) return;
      this.refused = error as ApiError;
    }
    if (!this.isOpen()) {
      this.leave();
      return;
    }
    this.changed();
    const isHurried = this.view?.phase === 'online' ? !this.view.ready : this.view?.phase === 'connecting';
    if (this.isWorthAsking) this.timer = setTimeout(() => this.again(), isHurried ? HURRY_MS : ASK_MS);
  }

  /** False for a connection that is not deployed, or a user who may not ask. Neither changes before the dialog closes. */
  private get isWorthAsking(): boolean {
    const { refused, view } = this;
    if (refused) return refused.status === 0;
    return view?.phase !== 'none' && (this.opened || view?.phase !== 'idle');
  }

  private again(): void {
    if (!this.isOpen()) this.leave();
    // While the page is hidden, it only waits.
    else if (document.hidden) this.timer = setTimeout(() => this.again(), ASK_MS);
    else void this.ask();
  }

  private leave(): void {
    clearTimeout(this.timer);
    this.turn += 1;
    if (!this.view || this.view.phase === 'idle' || this.view.phase === 'none') return;
    this.view = undefined;
    void post(path(this.asked), { end: true, dialog: this.dialog }).catch(() => {});
  }
}

const PERSON = { kind: 'person' } as const;
const translate = (key: string, params?: Record<string, unknown>): string => shared(`people.${key}`, params);
const path = (id: string): string => `dinox/chat/${encodeURIComponent(id)}/people`;

function group(name: PersonChoice['group'], word: string, tone: PersonChoice['tone'] = '') {
  return { group: name, word, tone };
}
