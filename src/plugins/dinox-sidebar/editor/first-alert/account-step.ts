import { fingerprintCommand } from '../../../../editor/administrator';
import { el } from '../../../../editor/dom';
import { visible } from '../../../../editor/format';
import type { ChatParts } from '../../../../editor/people/chat-parts';
import { addressRules } from '../../../../editor/people/find-rules';
import type { InvitationField } from '../../../../editor/people/invitation-field';
import type { UntrustedCertificate } from '../../../../editor/test-view';
import { button } from '../controls';
import { whatFailed } from '../notes';
import { red } from '../red';
import {
  ConnectFailure,
  deployBroker,
  isKnown,
  makeAccount,
  newPassword,
  type TypedAccount,
  testAccount,
  untilKnown,
} from './connect';
import { deploy } from './deploy';
import { Elsewhere } from './elsewhere';
import { ChoiceButton, labelledField, primary, StatusLine } from './parts';
import type { GuideStep, StepHost } from './state';

/** Chooses the account: an existing one, or a JID and its password. */
export class AccountStep implements GuideStep {
  readonly element: HTMLElement;
  private readonly jid: HTMLInputElement;
  /** `dinox-broker`, which brings it to the page, may be switched off. */
  private readonly invitation: InvitationField | undefined;
  private readonly password: HTMLInputElement;
  private readonly status: StatusLine;
  private readonly elsewhere: Elsewhere;
  private readonly certificate = el('div', 'dxg-certificate', { role: 'status' });
  /** Fingerprints that a person has confirmed. */
  private readonly trusted = new Set<string>();
  private readonly connectButton: HTMLButtonElement;
  private readonly makeButton: HTMLButtonElement;
  private readonly controller = new AbortController();

  constructor(private readonly host: StepHost) {
    const { translate } = host;
    this.status = new StatusLine(translate('guide.details'));
    this.elsewhere = new Elsewhere(translate);
    const jid = labelledField(translate('guide.account.jid'), {
      name: 'jid',
      placeholder: 'bot@example.org',
      autocomplete: 'off',
      inputmode: 'email',
    });
    const password = labelledField(translate('guide.account.password'), {
      name: 'password',
      type: 'password',
      autocomplete: 'new-password',
    });
    this.jid = jid.input;
    const parts = red().nodes.getType('dinox-broker')?.chatParts as ChatParts | undefined;
    this.invitation = parts && new parts.InvitationField(this.jid);
    this.password = password.input;
    this.connectButton = primary(translate('guide.account.connect'), 'plug', () => {});
    this.connectButton.type = 'submit';
    this.makeButton = button(
      { icon: 'user-plus', text: translate('guide.account.make') },
      () => void this.make(),
    );
    const form = el(
      'form',
      'dxs-form',
      { 'aria-label': translate('guide.account.title'), novalidate: true },
      jid.row,
      this.invitation?.element,
      password.row,
      el('div', 'dxs-bar dxg-foot', {}, this.connectButton),
      // Right below what was pressed: a low sidebar shows no more.
      this.status.element,
      this.certificate,
      el('div', 'dxs-bar', {}, this.makeButton),
      el('span', 'dxs-note', {}, translate('guide.account.makeHelp')),
      this.elsewhere.element,
      red().nodes.dirty() ? el('span', 'dxs-note', {}, translate('guide.place.others')) : undefined,
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.connect();
    });
    const known = this.known();
    this.element = el(
      'div',
      'dxg-step',
      {},
      el('p', '', {}, translate('guide.account.lead')),
      ...(known.length > 0
        ? [el('div', 'dxg-list', {}, ...known), el('p', 'dxg-or', {}, translate('guide.account.other'))]
        : []),
      form,
    );
  }

  focus(): void {
    (this.element.querySelector<HTMLElement>('.dxg-choice') ?? this.jid).focus();
  }

  destroy(): void {
    this.controller.abort();
  }

  /** Connections with an account, from the flows in the editor. */
  private known(): HTMLElement[] {
    const found: HTMLElement[] = [];
    red().nodes.eachConfig((node) => {
      const jid = typeof node.jid === 'string' ? node.jid : '';
      if (node.type !== 'dinox-broker' || !jid.includes('@') || node.d === true) return true;
      const choice = new ChoiceButton('plug', () => void this.use(node.id, jid));
      const name = typeof node.name === 'string' ? node.name : '';
      found.push(choice.show(visible(name || jid, 80), '', name ? visible(jid, 80) : '').element);
      return true;
    });
    return found;
  }

  private async use(id: string, jid: string): Promise<void> {
    const { translate, state } = this.host;
    await this.busy(async () => {
      this.status.show(translate('guide.account.waiting'));
      if (!(await isKnown(id))) await deploy(() => this.status.show(translate('guide.asks')));
      await untilKnown(id, this.controller.signal);
      state.broker = id;
      state.account = jid;
    });
  }

  private async connect(): Promise<void> {
    const { translate, state } = this.host;
    const typed = this.typed();
    if (!typed) return;
    if (this.password.value === '') {
      this.fault(this.password, translate('guide.account.noPassword'));
      return;
    }
    await this.busy(async () => {
      this.status.show(translate('guide.account.looking'));
      const { signal } = this.controller;
      const account: TypedAccount = {
        jid: typed,
        password: this.password.value,
        ...this.elsewhere.typed,
        trusted: [...this.trusted],
      };
      const found = await testAccount(
        account,
        translate,
        ({ asked }) => this.status.show(translate('guide.account.asking', { what: visible(asked, 120) })),
        signal,
      );
      if (signal.aborted) return;
      this.status.show(translate('guide.account.deploying', { where: visible(found, 160) }));
      const id = await deployBroker(account, () => this.status.show(translate('guide.asks')));
      this.password.value = '';
      this.elsewhere.forget();
      await untilKnown(id, signal);
      state.broker = id;
      state.account = typed;
    });
  }

  /** Makes the account, and continues with it. */
  private async make(): Promise<void> {
    const { translate } = this.host;
    const typed = this.typed();
    if (!typed) return;
    if (this.password.value === '') this.password.value = newPassword();
    const made = await this.attempt(async () => {
      this.status.show(translate('guide.account.making', { jid: visible(typed, 100) }));
      const link = this.invitation?.link ?? '';
      await makeAccount(typed, this.password.value, link, [...this.trusted], translate);
      this.invitation?.forget();
    });
    if (made) await this.connect();
  }

  private typed(): string | undefined {
    const typed = addressRules()?.accountIn(this.jid.value);
    if (typed !== undefined) return typed;
    this.fault(this.jid, this.host.translate('guide.account.noJid'));
    return undefined;
  }

  private fault(input: HTMLInputElement, text: string): void {
    input.setAttribute('aria-invalid', 'true');
    input.focus();
    this.status.show(text, true);
  }

  private async busy(act: () => Promise<void>): Promise<void> {
    if ((await this.attempt(act)) && !this.controller.signal.aborted) this.host.next();
  }

  /** Returns false if it failed; the reason is shown. */
  private async attempt(act: () => Promise<void>): Promise<boolean> {
    const { translate } = this.host;
    for (const input of [this.jid, this.password]) input.removeAttribute('aria-invalid');
    this.certificate.replaceChildren();
    this.disable(true);
    try {
      await act();
      return true;
    } catch (error) {
      if (this.controller.signal.aborted) return false;
      const {
        todo = '',
        story = '',
        isToDo = false,
        message,
      } = error instanceof ConnectFailure ? error : { message: whatFailed(error, translate) };
      this.status.show(message, true, todo, story, isToDo);
      if (error instanceof ConnectFailure && error.certificate) this.offer(error.certificate);
      return false;
    } finally {
      this.disable(false);
    }
  }

  /** Shows an untrusted certificate. A person who has compared its fingerprint may trust it, and no other. */
  private offer({ where, names, issuer, until, fingerprint }: UntrustedCertificate): void {
    const { translate } = this.host;
    const trust = button({ icon: 'handshake-o', text: translate('guide.trust.press') }, () => {
      this.trusted.add(fingerprint);
      void this.connect();
    });
    const command = fingerprintCommand(where, this.jid.value.trim());
    const signed = visible(issuer, 100) || translate('guide.trust.nobody');
    this.certificate.replaceChildren(
      el('p', '', {}, translate('guide.trust.shows', { where: visible(where, 200) })),
      el('p', '', {}, translate('guide.trust.names', { names: visible(names, 300), issuer: signed, until })),
      el('code', 'dxg-fingerprint', {}, fingerprint),
      el('p', 'dxs-note', {}, translate('guide.trust.compare', { command })),
      trust,
    );
  }

  private disable(on: boolean): void {
    for (const one of this.element.querySelectorAll<HTMLButtonElement>('button')) one.disabled = on;
    for (const input of [this.jid, this.password]) input.readOnly = on;
  }
}
