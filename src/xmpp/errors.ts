import type { Element } from '@xmpp/client';
import type { ShownCertificate } from '../net/tls-fault';
import type { XmppFailure } from './stream/login-types';

/** Why a stream was not opened, or ended. `failure` decides, the message is a phrase for people. */
export class XmppError extends Error {
  override readonly name = 'XmppError';
  /** What the server showed, where that is the fault. */
  readonly certificate: ShownCertificate | undefined;
  constructor(
    readonly failure: XmppFailure,
    message: string,
    options?: ErrorOptions & { certificate?: ShownCertificate | undefined },
  ) {
    super(message, options);
    this.certificate = options?.certificate;
  }
}

export interface BlockedOptions extends ErrorOptions {
  /** How often the line broke. @default 3 */
  losses?: number;
  /** Its length may be the reason. @default true */
  isLong?: boolean;
}

/** The line broke again and again right behind one stanza of ours, without a word from the server: it was given up. */
export class BlockedError extends XmppError {
  constructor(
    readonly bytes: number,
    { losses = 3, isLong = true, ...options }: BlockedOptions = {},
  ) {
    const times = losses === 3 ? 'three times' : `${losses} times`;
    super(
      'network',
      isLong
        ? `not sent: the connection broke ${times} right behind this message of ${bytes} bytes, and the server did not say why. Something on the way there does not let it through: send less at once, or it in other words`
        : `not sent: the connection broke ${times} in a row before the server confirmed this message, and the server did not say why. Either the line to the server is bad (see whether other messages get through), or something on the way does not let these words through: send it again later, or in other words`,
      options,
    );
  }
}

/** SASL and stream conditions (RFC 6120 §4.9.3, §6.5) by what follows from them. */
const CONDITIONS: Readonly<Record<string, readonly [XmppFailure, string]>> = {
  'not-authorized': ['login', 'the server refused the password'],
  'account-disabled': ['login', 'the account is disabled'],
  'credentials-expired': ['login', 'the password has expired'],
  'invalid-authzid': ['login', 'the server refused the account'],
  'policy-violation': ['policy', 'the server refuses this address for now'],
  'host-unknown': ['host-unknown', 'the server does not serve this domain'],
  'host-gone': ['host-unknown', 'the server no longer serves this domain'],
  'improper-addressing': ['host-unknown', 'the server does not serve this domain'],
  conflict: ['conflict', 'the server replaced this connection by another one'],
  'system-shutdown': ['shutdown', 'the server is shutting down'],
  reset: ['shutdown', 'the server reset the connection'],
  'temporary-auth-failure': ['shutdown', 'the server cannot check passwords at the moment'],
  'remote-connection-failed': ['shutdown', 'the server cannot reach a part of itself'],
  'resource-constraint': ['policy', 'the server has no room for another connection'],
  'connection-timeout': ['timeout', 'the server gave up waiting'],
  'encryption-required': ['unencrypted', 'the server wants an encrypted connection'],
  'mechanism-too-weak': ['protocol', 'the server offers no login method that can be used here'],
  'invalid-mechanism': ['protocol', 'the server offers no login method that can be used here'],
  'see-other-host': [
    'protocol',
    'the server sends its users to another host; type that one as the XMPP service',
  ],
};

interface Conditioned {
  condition?: unknown;
  text?: unknown;
  /** The whole `<stream:error/>`, as the library gives it. */
  element?: Element;
}

/** Any error of the library, a socket or the transport, as one that says what follows from it. */
export function toXmppError(error: unknown): XmppError {
  if (error instanceof XmppError) return error;
  const { condition, text: said, element } = (error ?? {}) as Conditioned;
  // The other host stands in the condition itself (RFC 6120 §4.9.3.19).
  const text = condition === 'see-other-host' ? (element?.getChildText(condition) ?? said) : said;
  const options = { cause: error };
  const message = error instanceof Error ? error.message : String(error);
  if (message.startsWith('SASL:')) {
    return new XmppError('protocol', 'the server offers no login method that can be used here', options);
  }
  if (typeof condition === 'string') {
    const [failure, phrase] = CONDITIONS[condition] ?? (['protocol', 'the server refused'] as const);
    const own = typeof text === 'string' && text !== '' ? `: "${text.slice(0, 200)}"` : '';
    return new XmppError(failure, `${phrase} (${condition}${own})`, options);
  }
  const { code } = (error ?? {}) as { code?: unknown };
  if (typeof code === 'string' && /^E[A-Z]/.test(code) && !code.startsWith('ERR_')) {
    return networkError(error as NodeJS.ErrnoException, 'the server');
  }
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new XmppError('timeout', 'the server did not answer', options);
  }
  return new XmppError('protocol', `the server sent what is not XMPP (${message.slice(0, 200)})`, options);
}

/** A socket's error before and after the connection. `where` is `host:port`. */
export function networkError(error: NodeJS.ErrnoException, where: string): XmppError {
  const options = { cause: error };
  switch (error.code) {
    case 'ECONNREFUSED':
      return new XmppError('network', `connection refused: nothing listens on ${where}`, options);
    case 'ENOTFOUND':
    case 'ENODATA':
      return new XmppError('name', `there is no host ${where.replace(/:\d+$/, '')} in DNS`, options);
    case 'EAI_AGAIN':
    case 'ESERVFAIL':
      return new XmppError('network', `DNS does not answer for ${where.replace(/:\d+$/, '')}`, options);
    case 'ETIMEDOUT':
      return new XmppError('timeout', `no answer from ${where}`, options);
    case 'ECONNRESET':
    case 'EPIPE':
      return new XmppError('network', `${where} closed the connection`, options);
    default:
      return new XmppError('network', `${where} cannot be reached (${error.code ?? error.message})`, options);
  }
}
