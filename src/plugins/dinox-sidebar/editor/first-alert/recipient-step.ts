import type { Text } from '../../../../base/text';
import { post } from '../../../../editor/admin-api';
import { el, setAttribute, setText } from '../../../../editor/dom';
import { visible } from '../../../../editor/format';
import { addressRules } from '../../../../editor/people/find-rules';
import { readText } from '../../../../editor/texts';
import { button } from '../controls';
import { whatFailed } from '../notes';
import { Poll } from '../poll';
import { arrows, ChoiceButton, keepInOrder, labelledField, StatusLine } from './parts';
import { qrCode } from './qr';
import { usedRecipients } from './reuse';
import type { GuideStep, StepHost } from './state';

interface KnownContact {
  jid: string;
  name: string;
  show?: string;
}

interface LookAnswer {
  phase: string;
  reason?: Text;
  account: string;
  link: string;
  callers: { jid: string; text: string; at: number }[];
  contacts: KnownContact[];
  rooms: KnownContact[];
}

const ASK_EVERY = 1_000;
const MAX_SHOWN = 100;
/** Recipients of other alerts that are shown: more would push the code out of sight. */
const MAX_USED = 3;

/** Chooses the recipient: a person who writes to the account now, a contact, a room, or a typed JID. */
export class RecipientStep implements GuideStep {
  readonly element: HTMLElement;
  private readonly lead: HTMLElement;
  private readonly code = el('div', 'dxg-code');
  private readonly callers = el('div', 'dxg-list', { role: 'status' });
  private readonly used = el('div', 'dxg-list');
  private readonly people = el('div', 'dxg-list');
  private readonly peopleBox: HTMLElement;
  private readonly peopleTitle = el('summary');
  private readonly choices = new Map<string, ChoiceButton>();
  private readonly typed: HTMLInputElement;
  private readonly status: StatusLine;
  private readonly state = el('p', 'dxs-note', { role: 'status' });
  private link = '';
  private readonly poll = new Poll(
    () => post<LookAnswer>(this.path, {}),
    (answer) => this.paint(answer),
    (error) => setText(this.state, whatFailed(error, this.host.translate)),
  );

  constructor(private readonly host: StepHost) {
    const { translate } = host;
    this.status = new StatusLine(translate('guide.details'));
    const typed = labelledField(translate('guide.receiver.jid'), {
      name: 'receiver',
      placeholder: 'anna@example.org',
      autocomplete: 'off',
      inputmode: 'email',
    });
    this.typed = typed.input;
    const use = button({ icon: 'check', text: translate('guide.receiver.use') }, () => {});
    use.type = 'submit';
    const form = el(
      'form',
      'dxs-form',
      { novalidate: true },
      typed.row,
      el('div', 'dxs-bar', {}, use),
      this.status.element,
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.useTyped();
    });
    arrows(this.people);
    arrows(this.callers);
    arrows(this.used);
    this.peopleBox = el('details', 'dxs-more', {}, this.peopleTitle, this.people);
    this.peopleBox.hidden = true;
    this.lead = el('p', 'dxg-lead', { tabindex: '-1' }, translate('guide.receiver.lead'));
    // The sender is shown above the code: in a low sidebar it would not be seen below.
    this.element = el(
      'div',
      'dxg-step',
      {},
      this.lead,
      this.state,
      this.callers,
      this.used,
      this.code,
      this.peopleBox,
      el('details', 'dxs-more', {}, el('summary', '', {}, translate('guide.receiver.type')), form),
    );
  }

  focus(): void {
    this.lead.focus();
  }

  run(on: boolean): void {
    this.poll.run(on ? ASK_EVERY : 0);
  }

  destroy(): void {
    this.run(false);
    void post(this.path, { end: true }).catch(() => {});
  }

  private get path(): string {
    return `dinox/guide/${encodeURIComponent(this.host.state.broker)}/look`;
  }

  private paint(answer: LookAnswer): void {
    const { translate } = this.host;
    this.paintCode(answer);
    const isOnline = answer.phase === 'online';
    const waiting = answer.callers.length === 0 ? 'guide.receiver.waiting' : 'guide.receiver.confirm';
    const trouble =
      (answer.reason && visible(readText(answer.reason), 300)) || translate(`chat.${answer.phase}`);
    setText(this.state, isOnline ? translate(waiting) : trouble);
    const isFirst = this.callers.childElementCount === 0 && answer.callers.length > 0;
    keepInOrder(
      this.callers,
      answer.callers.map(({ jid, text }) => {
        const words = translate('guide.receiver.this', { jid: visible(jid, 100) });
        const said = text
          ? translate('guide.quoted', { text: visible(text, 160) })
          : translate('guide.receiver.wrote');
        return this.choice(`caller ${jid}`, 'commenting-o', jid, false).show(words, '', said).element;
      }),
    );
    if (isFirst) this.callers.scrollIntoView({ block: 'nearest' });
    const { contacts, rooms } = answer;
    const { state } = this.host;
    const used = usedRecipients(state.broker, (typed) => addressRules()?.accountIn(typed)).filter(
      ({ jid }) => jid.toLowerCase() !== state.account.toLowerCase(),
    );
    keepInOrder(
      this.used,
      used.slice(0, MAX_USED).map(({ jid, isRoom }) => {
        const room = isRoom || rooms.some((one) => one.jid === jid.toLowerCase());
        const words = translate('guide.receiver.used', { jid: visible(jid, 100) });
        return this.choice(`used ${jid}`, room ? 'users' : 'user-o', jid, room).show(words, '', '').element;
      }),
    );
    this.peopleBox.hidden = contacts.length + rooms.length === 0;
    setText(this.peopleTitle, translate('guide.receiver.known', { count: contacts.length + rooms.length }));
    const line = (one: KnownContact, symbol: string, isRoom: boolean, beside: string): HTMLElement =>
      this.choice(`known ${one.jid}`, symbol, one.jid, isRoom).show(
        visible(one.name || one.jid, 80),
        beside,
        one.name ? visible(one.jid, 100) : '',
      ).element;
    keepInOrder(
      this.people,
      [
        ...contacts.map((one) =>
          line(one, 'user-o', false, one.show ? translate(`guide.show.${one.show}`) : ''),
        ),
        ...rooms.map((one) => line(one, 'users', true, translate('guide.receiver.room'))),
      ].slice(0, MAX_SHOWN),
    );
  }

  private paintCode({ link, account }: LookAnswer): void {
    if (link === '' || link === this.link) return;
    this.link = link;
    const { translate } = this.host;
    const anchor = el('a', '', { href: link, rel: 'noopener' }, visible(link, 200));
    const shown = visible(account, 100);
    this.code.replaceChildren(
      el('div', 'dxg-paper', {}, qrCode(link, translate('guide.receiver.code', { account: shown }))),
      el(
        'div',
        'dxg-how',
        {},
        el('span', '', {}, translate('guide.receiver.how', { account: shown })),
        anchor,
      ),
    );
    setAttribute(this.code, 'data-link', link);
  }

  private choice(key: string, symbol: string, jid: string, isRoom: boolean): ChoiceButton {
    const known = this.choices.get(key) ?? new ChoiceButton(symbol, () => this.choose(jid, isRoom));
    this.choices.set(key, known);
    return known;
  }

  private useTyped(): void {
    const { translate, state } = this.host;
    const jid = addressRules()?.accountIn(this.typed.value);
    const isOwn = jid?.toLowerCase() === state.account.toLowerCase();
    if (jid === undefined || isOwn) {
      this.typed.setAttribute('aria-invalid', 'true');
      this.status.show(translate(isOwn ? 'guide.receiver.own' : 'guide.account.noJid'), true);
      this.typed.focus();
      return;
    }
    this.choose(jid, false);
  }

  private choose(jid: string, isRoom: boolean): void {
    this.host.state.recipient = { jid, isRoom };
    this.host.next();
  }
}
