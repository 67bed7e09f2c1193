/// <reference path="../red.d.ts" />
import { type ApiError, post } from '../admin-api';
import { visible } from '../format';
import { shared } from '../texts';

/** Asks the server to make an account. @param trusted fingerprints of certificates, a line each. @returns why there is none, in words; empty: it was made */
export async function askForAccount(
  jid: string,
  password: string,
  invitation: string,
  trusted = '',
): Promise<string> {
  try {
    await post('dinox/guide/account', { jid, password, invitation, trusted });
    return '';
  } catch (error) {
    const { status, isForbidden, code, params, message } = error as ApiError;
    // The runtime says which of its reasons it is.
    if (code === 'invitation') return visible(message, 600);
    const key = `bot.made.${status === 0 ? 'lost' : isForbidden ? 'forbidden' : code}`;
    const words = shared(key, params);
    return words.endsWith(key) ? shared('bot.made.failed') : words;
  }
}
