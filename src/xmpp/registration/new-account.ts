import type { Clock } from '../../base/clock';
import { RateLimit } from '../../base/rate-limit';
import { XmppError } from '../errors';
import { parseJid } from '../jid';
import type { AskSrv } from '../stream/login-targets';
import { RegistrationError, type register } from './register';

/** Why no account was made: a code with words of its own in the editor, and the whole story. */
export class NewAccountError extends Error {
  override readonly name = 'NewAccountError';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
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
/** How often a server is asked within so many milliseconds; it counts what it refuses, too. */
const MAX_ASKED = 5;
const WINDOW = 10 * 60_000;

/**
 * Makes accounts by asking their server (XEP-0077), one at a time and a few: servers ban who asks often. The password is held
 * as long as it is asked, and goes only over a verified line.
 */
export class NewAccounts {
  private busy = false;
  private readonly limit: RateLimit<string>;

  constructor(private readonly tools: NewAccountTools) {
    this.limit = new RateLimit(tools.clock, MAX_ASKED, WINDOW);
  }

  /** @throws NewAccountError, TooOften */
  async make(jid: unknown, password: unknown): Promise<void> {
    if (typeof jid !== 'string' || jid.length > 1_000) throw new NewAccountError('jid', 'A JID is needed.');
    if (typeof password !== 'string' || password === '' || password.length > MAX_PASSWORD_LENGTH) {
      throw new NewAccountError(
        'password',
        `A password of at most ${MAX_PASSWORD_LENGTH} characters is needed.`,
      );
    }
    const account = accountOf(jid);
    if (this.busy) throw new NewAccountError('busy', 'Another account is being made.');
    this.limit.take(account.domain);
    this.busy = true;
    const { clock, random, srv } = this.tools;
    const controller = new AbortController();
    const stop = clock.after(MAX_LENGTH, () =>
      controller.abort(new Error(`no answer within ${MAX_LENGTH / 1_000} s`)),
    );
    try {
      await this.tools.register(
        { jid: account, password, allowUnencrypted: false },
        { random, srv },
        controller.signal,
      );
    } catch (error) {
      throw new NewAccountError(
        error instanceof RegistrationError ? error.fault : isUnchecked(error) ? 'tls' : 'network',
        (error as Error).message.slice(0, 600),
      );
    } finally {
      stop();
      this.busy = false;
    }
  }
}

/** A new password goes over no line that cannot be checked. */
const isUnchecked = (error: unknown): boolean =>
  error instanceof XmppError && (error.failure === 'tls' || error.failure === 'unencrypted');

function accountOf(text: string): { local: string; domain: string; bare: string } {
  try {
    const { local, domain, bare } = parseJid(text.trim());
    if (local === '') throw new Error(`${bare} is a server: type a name before it, such as bot@${domain}.`);
    return { local, domain, bare };
  } catch (error) {
    throw new NewAccountError('jid', (error as Error).message.slice(0, 300));
  }
}
