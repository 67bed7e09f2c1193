/// <reference path="../red.d.ts" />
import { Fault } from '../../base/fault';
import { type Invitation, looksLikeInvitation, readInvitation } from '../../xmpp/registration/invitation';
import { el, icon } from '../dom';
import { visible } from '../format';
import { readText, shared } from '../texts';

/**
 * Makes a field for a JID take invitations, too: a link that somebody pastes there becomes an address at its server, and
 * is kept for the request that makes the account. What it is stands below the field.
 */
export class InvitationField {
  readonly element = el('div', 'dinox-invitation', { role: 'status', hidden: true });
  private kept = '';

  constructor(private readonly input: HTMLInputElement) {
    // A link that is typed by hand is not at its end with the first letter of the token.
    input.addEventListener('input', (event) => {
      if (!isTyping(event) || !looksLikeInvitation(input.value)) this.look();
    });
    input.addEventListener('change', () => this.look());
  }

  /** The link; empty: there is none. */
  get link(): string {
    return this.kept;
  }

  forget(): void {
    this.kept = '';
    this.element.hidden = true;
  }

  private look(): void {
    const typed = this.input.value;
    if (!looksLikeInvitation(typed)) {
      // A fault is of what stood there; an invitation stays while its address is changed.
      if (this.kept === '' || typed.trim() === '') this.forget();
      return;
    }
    const invitation = readInvitation(typed);
    if (invitation instanceof Fault) {
      this.kept = '';
      this.show(true, readText(invitation.text));
      return;
    }
    this.kept = typed.trim();
    const { local, domain } = invitation;
    this.input.value = `${local || 'bot'}@${domain}`;
    // The rules of the form look again, and so does whoever else listens.
    this.input.dispatchEvent(new Event('input', { bubbles: true }));
    this.show(false, ...wordsOf(invitation));
  }

  private show(isFault: boolean, ...words: string[]): void {
    const remove = el(
      'button',
      'red-ui-button red-ui-button-small',
      { type: 'button' },
      icon('times'),
      ` ${translate('remove')}`,
    );
    remove.addEventListener('click', () => {
      this.forget();
      this.input.focus();
    });
    this.element.dataset.fault = String(isFault);
    this.element.replaceChildren(...words.map((word) => el('p', '', {}, word)), ...(isFault ? [] : [remove]));
    this.element.hidden = false;
  }
}

function wordsOf({ domain, local, inviter, isFromPage }: Invitation): string[] {
  return [
    translate('kept', { domain: visible(domain, 100) }),
    ...(local === '' ? [translate('name')] : []),
    ...(inviter === '' ? [] : [translate('inviter', { jid: visible(inviter, 100) })]),
    ...(isFromPage ? [translate('page', { domain: visible(domain, 100) })] : []),
  ];
}

/** True for one character more or less; a link that is pasted or dropped comes whole. */
function isTyping(event: Event): boolean {
  const { inputType = '', data } = event as Partial<InputEvent>;
  return (
    /^(?:insertCompositionText|delete)/.test(inputType) || (inputType === 'insertText' && data?.length === 1)
  );
}

const translate = (key: string, params?: Record<string, unknown>): string =>
  shared(`invitation.${key}`, params);
