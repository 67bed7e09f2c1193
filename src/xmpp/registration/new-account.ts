import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { CodedError, textOf } from '../../base/coded-error';
import { Fault } from '../../base/fault';
import { RateLimit } from '../../base/rate-limit';
import type { Text } from '../../base/text';
import { readFingerprints } from '../../net/fingerprint';
import { XmppError } from '../errors';
import { parseJid } from '../jid';
import type { Jid } from '../jid-grammar';
import type { AskSrv } from '../stream/login-targets';
import { type Invitation, readInvitation } from './invitation';
import { RegistrationError, type register } from './register';

/** The reason why no account was made: a code with a text in the editor, and the details. */
export class NewAccountError extends CodedError {
  override readonly name = 'NewAccountError';
}

export interface NewAccountTools {
  clock: Clock;
  /** 0 ≤ random < 1. */
  random: () => number;
  srv: AskSrv;
  register: typeof register;
}

const MAX_LENGTH = 30_000;
const MAX_PASSWORD_LENGTH = 256;
/** Maximum questions to a server in this many milliseconds, including refused ones. */
const MAX_ASKED = 5;
const WINDOW = 10 * 60_000;

/**
 * Makes accounts by asking their server (XEP-0077), one at a time and only a few, because servers ban frequent requests.
 * The password is kept only during the request, and goes only over a verified line.
 */
export class NewAccounts {
  private busy = false;
  private readonly limit: RateLimit<string>;

  constructor(private readonly tools: NewAccountTools) {
    this.limit = new RateLimit(tools.clock, MAX_ASKED, WINDOW);
  }

  /**
   * @param link an invitation as somebody got it; empty: without one.
   * @param trusted fingerprints that a person has compared, as in `trusted` of a connection.
   * @throws NewAccountError, TooOften
   */
  async make(jid: unknown, password: unknown, link: unknown = '', trusted: unknown = ''): Promise<void> {
    if (typeof jid !== 'string' || jid.length > 1_000)
      throw new NewAccountError('jid', text('account.needsJid'));
    if (typeof password !== 'string' || password === '' || password.length > MAX_PASSWORD_LENGTH) {
      throw new NewAccountError('password', text('account.needsPassword', { max: MAX_PASSWORD_LENGTH }));
    }
    const account = accountOf(jid);
    const invitation = link === '' ? undefined : invitationFor(account, link);
    const pins = pinsOf(trusted);
    if (this.busy) throw new NewAccountError('busy', text('account.busy'));
    this.limit.take(account.domain);
    this.busy = true;
    const { clock, random, srv } = this.tools;
    const controller = new AbortController();
    const stop = clock.after(MAX_LENGTH, () =>
      controller.abort(
        new XmppError('timeout', text('xmpp.noAnswerWithin', { seconds: MAX_LENGTH / 1_000 })),
      ),
    );
    try {
      await this.tools.register(
        {
          ...{ jid: account, password, allowUnencrypted: false, tls: { pins } },
          ...(invitation && { preauth: invitation.token }),
        },
        { random, srv },
        controller.signal,
      );
    } catch (error) {
      throw new NewAccountError(
        error instanceof RegistrationError ? error.code : isUnchecked(error) ? 'tls' : 'network',
        textOf(error),
        { cause: error },
      );
    } finally {
      stop();
      this.busy = false;
    }
  }
}

/** What is no fingerprint trusts nothing. */
function pinsOf(trusted: unknown): string[] {
  const read = typeof trusted === 'string' ? readFingerprints(trusted) : [];
  return read instanceof Fault ? [] : read;
}

/** A new password goes over no line that cannot be checked. */
const isUnchecked = (error: unknown): boolean =>
  error instanceof XmppError && (error.code === 'tls' || error.code === 'unencrypted');

/** The invitation, if the account may be made with it. */
function invitationFor({ local, domain }: Pick<Jid, 'local' | 'domain'>, link: unknown): Invitation {
  const invitation = readInvitation(typeof link === 'string' ? link : '');
  const refuse = (why: Text): never => {
    throw new NewAccountError('invitation', why);
  };
  if (invitation instanceof Fault) return refuse(invitation.text);
  const { domain: host, local: name, isFromPage } = invitation;
  if (host !== domain && !isFromPage)
    return refuse(text('account.invitationOther', { domain: host, given: domain }));
  if (name !== '' && name !== local)
    return refuse(text('account.invitationName', { jid: `${name}@${host}` }));
  return invitation;
}

function accountOf(typed: string): { local: string; domain: string; bare: string } {
  const { local, domain, bare } = parsed(typed.trim());
  if (local !== '') return { local, domain, bare };
  throw new NewAccountError('jid', text('account.isServer', { jid: bare, example: `bot@${domain}` }));
}

function parsed(typed: string): Jid {
  try {
    return parseJid(typed);
  } catch (error) {
    throw new NewAccountError('jid', textOf(error), { cause: error });
  }
}
