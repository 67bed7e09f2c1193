/// <reference path="../../../editor/red.d.ts" />
import { el } from '../../../editor/dom';
import { visible } from '../../../editor/format';
import { ADDRESS_RULES } from '../../../editor/people/address-rules';
import { InvitationField } from '../../../editor/people/invitation-field';
import { askForAccount } from '../../../editor/people/new-account';
import { newPassword } from '../../../editor/people/new-password';

/** The button *Create this account*: asks the server of the typed JID for it, with the invitation that was pasted there. */
export function offerAccount(node: EditorNode, jid: JQuery, password: JQuery): void {
  const say = (key: string, values?: Record<string, string>): string => node._(`dinox-broker.${key}`, values);
  const input = jid[0] as HTMLInputElement;
  const invitation = new InvitationField(input);
  const status = el('div', 'dinox-bot-told', { role: 'status' });
  const button = $('#dinox-create-button');
  button.closest('.dinox-body').append(status);
  jid.closest('.form-row').append(invitation.element);
  const tell = (words: string, isFault = false): void => {
    status.dataset.fault = String(isFault);
    status.textContent = words;
  };
  input.addEventListener('input', () => {
    // An invitation is pasted by somebody who wants an account.
    if (invitation.link !== '') button.closest('details').prop('open', true);
  });
  button.on('click', () => {
    const account = ADDRESS_RULES.accountIn(input.value);
    if (account === undefined) {
      tell(say('bot.made.jid'), true);
      input.focus();
      return;
    }
    // A stored password is the one of the account that stood here before.
    const made = newPassword();
    button.prop('disabled', true);
    tell(say('bot.making', { jid: visible(account, 100) }));
    const trusted = String($('#node-config-input-trusted').val() ?? '');
    void askForAccount(account, made, invitation.link, trusted).then((why) => {
      // The dialog may have been closed meanwhile.
      if (!document.contains(input)) {
        if (why === '')
          RED.notify(
            el('span', '', {}, say('create.lost', { jid: visible(account, 100), password: made })).innerHTML,
            'warning',
            false,
            60_000,
          );
        return;
      }
      button.prop('disabled', false);
      if (why !== '') {
        tell(why, true);
        return;
      }
      invitation.forget();
      jid.val(account).trigger('input');
      password.val(made).trigger('input').trigger('change');
      tell(say('create.done', { jid: visible(account, 100) }));
    });
  });
}
