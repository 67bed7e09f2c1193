/// <reference path="../red.d.ts" />
import { el, icon, setText } from '../dom';
import { visible } from '../format';
import { shared } from '../texts';
import { ADDRESS_RULES } from './address-rules';
import { InvitationField } from './invitation-field';
import { askForAccount } from './new-account';
import { newPassword } from './new-password';

/**
 * A hint for people who would write to themselves: why no phone rings, how to make an account for the bot on the server,
 * and a button that asks the server to make one. The new account becomes a connection, which the dialog then uses.
 */
export class BotAccount {
  readonly element: HTMLElement;
  private readonly words = el('p');
  private readonly steps = el('ul');
  private readonly jid: HTMLInputElement;
  private readonly invitation: InvitationField;
  private readonly button: HTMLButtonElement;
  private readonly statusLine = el('div', 'dinox-bot-told', { role: 'status' });
  private account: string | undefined;

  /**
   * @param id id of the box, for the description of the field.
   * @param broker the field of the connection.
   */
  constructor(
    id: string,
    private readonly broker: () => JQuery,
  ) {
    this.jid = el('input', '', { type: 'text', id: `${id}-jid`, spellcheck: 'false', autocapitalize: 'off' });
    this.invitation = new InvitationField(this.jid);
    // Enter makes the account; it does not leave the dialog.
    this.jid.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      void this.make();
    });
    this.button = el(
      'button',
      'red-ui-button',
      { type: 'button' },
      icon('user-plus'),
      ` ${translate('make')}`,
    );
    this.button.addEventListener('click', () => void this.make());
    this.element = el(
      'div',
      'dinox-caution',
      { id, role: 'note', hidden: true },
      this.words,
      el(
        'details',
        '',
        {},
        el('summary', '', {}, translate('how')),
        el(
          'div',
          'dinox-body',
          {},
          this.steps,
          el(
            'div',
            'dinox-bot-make',
            {},
            el('label', '', { for: this.jid.id }, translate('ask')),
            this.jid,
            this.button,
          ),
          this.invitation.element,
          this.statusLine,
        ),
      ),
    );
  }

  /** @param words why it is shown; empty: it is hidden. @param account the chosen account. */
  show(words: string, account: string): void {
    this.element.hidden = words === '';
    if (words !== '') setText(this.words, words);
    if (account === this.account) return;
    this.account = account;
    const [local = '', rest = ''] = account.split('@');
    const domain = rest.split('/', 1)[0] || 'example.org';
    const name = local.toLowerCase() === 'bot' ? 'node-red' : 'bot';
    this.jid.value = `${name}@${domain}`;
    const line = (key: string, command?: string): HTMLElement =>
      el(
        'li',
        '',
        {},
        translate(key),
        command ? ' ' : undefined,
        command ? el('code', '', {}, command) : undefined,
      );
    this.steps.replaceChildren(
      line('ejabberd', `ejabberdctl register ${name} ${domain} PASSWORD`),
      line('prosody', `prosodyctl adduser ${name}@${domain}`),
      line('then'),
    );
  }

  private async make(): Promise<void> {
    const jid = ADDRESS_RULES.accountIn(this.jid.value);
    if (jid === undefined) {
      this.tell(translate('made.jid'), true);
      this.jid.focus();
      return;
    }
    const password = newPassword();
    const { link } = this.invitation;
    this.button.disabled = true;
    this.tell(translate('making', { jid: visible(jid, 100) }));
    const why = await askForAccount(jid, password, link);
    this.button.disabled = false;
    if (why !== '') {
      this.tell(why, true);
      return;
    }
    this.invitation.forget();
    const id = addConnection(jid, password);
    const select = this.broker();
    select.append($('<option>', { value: id }).text(visible(jid, 100)));
    select.val(id).trigger('change');
    this.tell(translate('done', { jid: visible(jid, 100) }));
    RED.notify(el('span', '', {}, translate('done', { jid: visible(jid, 100) })).innerHTML, 'success');
  }

  private tell(text: string, isFault = false): void {
    this.statusLine.dataset.fault = String(isFault);
    setText(this.statusLine, text);
  }
}

const translate = (key: string, params?: Record<string, unknown>): string => shared(`bot.${key}`, params);

/** Adds a `dinox-broker` for this account. */
function addConnection(jid: string, password: string): string {
  const { nodes, history } = RED;
  const wasDirty = nodes.dirty();
  const { defaults = {} } = nodes.getType('dinox-broker') ?? {};
  const values = Object.entries(defaults).flatMap(([name, { value }]) =>
    value === undefined ? [] : [[name, structuredClone(value)] as const],
  );
  const id = nodes.id();
  const credentials = { password, has_password: true };
  const broker = { ...Object.fromEntries(values), id, type: 'dinox-broker', jid, credentials };
  nodes.import([broker], { generateIds: false });
  history.push({ t: 'add', nodes: [id], dirty: wasDirty });
  nodes.dirty(true);
  return id;
}
