import type { Element } from '@xmpp/client';
import { type TextKey, text } from '../base/catalogue';
import { CodedError } from '../base/coded-error';
import { quote } from '../base/printable';
import type { Text } from '../base/text';
import type { ServerCertificate } from '../net/tls-fault';

/** Why a stream was not opened, or ended. Its text is a clause. */
export class XmppError extends CodedError<XmppFailure> {
  override readonly name = 'XmppError';
  /** The server's certificate, if that is the fault. */
  readonly certificate: ServerCertificate | undefined;
  constructor(
    code: XmppFailure,
    text: Text,
    options?: ErrorOptions & { certificate?: ServerCertificate | undefined },
  ) {
    super(code, text, options);
    this.certificate = options?.certificate;
  }
}

export interface BlockedOptions extends ErrorOptions {
  /** Number of times the connection broke. @default 3 */
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
    super(
      'network',
      isLong ? text('xmpp.blockedLong', { losses, bytes }) : text('xmpp.blocked', { losses }),
      options,
    );
  }
}

/** SASL and stream conditions (RFC 6120 §4.9.3, §6.5) by what follows from them. */
const CONDITIONS: Readonly<Record<string, readonly [XmppFailure, TextKey]>> = {
  'not-authorized': ['login', 'xmpp.password'],
  'account-disabled': ['login', 'xmpp.disabled'],
  'credentials-expired': ['login', 'xmpp.passwordExpired'],
  'invalid-authzid': ['login', 'xmpp.account'],
  'policy-violation': ['policy', 'xmpp.policy'],
  'host-unknown': ['host-unknown', 'xmpp.domain'],
  'host-gone': ['host-unknown', 'xmpp.domainGone'],
  'improper-addressing': ['host-unknown', 'xmpp.domain'],
  conflict: ['conflict', 'xmpp.conflict'],
  'system-shutdown': ['shutdown', 'xmpp.shutdown'],
  reset: ['shutdown', 'xmpp.reset'],
  'temporary-auth-failure': ['shutdown', 'xmpp.temporary'],
  'remote-connection-failed': ['shutdown', 'xmpp.part'],
  'resource-constraint': ['policy', 'xmpp.noRoom'],
  'connection-timeout': ['timeout', 'xmpp.gaveUp'],
  'encryption-required': ['unencrypted', 'xmpp.wantsTls'],
  'mechanism-too-weak': ['protocol', 'xmpp.noMethodBecause'],
  'invalid-mechanism': ['protocol', 'xmpp.noMethodBecause'],
  'see-other-host': ['protocol', 'xmpp.otherHost'],
};

/** Most characters of a server's own words that are shown. */
const MAX_SAID = 200;

interface Conditioned {
  condition?: unknown;
  text?: unknown;
  /** The whole `<stream:error/>`, as the library gives it. */
  element?: Element;
}

/** Any error of the library, a socket or the transport, as an `XmppError` with its consequence. */
export function toXmppError(error: unknown): XmppError {
  if (error instanceof XmppError) return error;
  const { condition, text: said, element } = (error ?? {}) as Conditioned;
  // The condition itself holds the other host (RFC 6120 §4.9.3.19).
  const own = condition === 'see-other-host' ? (element?.getChildText(condition) ?? said) : said;
  const options = { cause: error };
  const message = error instanceof Error ? error.message : String(error);
  if (message.startsWith('SASL:')) {
    return new XmppError('protocol', text('xmpp.noMethod'), options);
  }
  if (typeof condition === 'string') {
    const [failure, key] = CONDITIONS[condition] ?? (['protocol', 'xmpp.refused'] as const);
    const behind = typeof own === 'string' && own !== '' ? `: ${quote(own, MAX_SAID)}` : '';
    return new XmppError(failure, text(key, { condition: condition + behind }), options);
  }
  const { code } = (error ?? {}) as { code?: unknown };
  if (typeof code === 'string' && /^E[A-Z]/.test(code) && !code.startsWith('ERR_')) {
    return networkError(error as NodeJS.ErrnoException, text('xmpp.theServer'));
  }
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new XmppError('timeout', text('xmpp.silent'), options);
  }
  return new XmppError('protocol', text('xmpp.notXmpp', { said: message.slice(0, MAX_SAID) }), options);
}

/** A socket's error before and after the connection. `where` is `host:port`. */
export function networkError(error: NodeJS.ErrnoException, where: string | Text): XmppError {
  const options = { cause: error };
  const host = typeof where === 'string' ? where.replace(/:\d+$/, '') : where;
  switch (error.code) {
    case 'ECONNREFUSED':
      return new XmppError('network', text('net.nothingListens', { where }), options);
    case 'ENOTFOUND':
    case 'ENODATA':
      return new XmppError('name', text('net.noHost', { host }), options);
    case 'EAI_AGAIN':
    case 'ESERVFAIL':
      return new XmppError('network', text('net.dnsSilent', { host }), options);
    case 'ETIMEDOUT':
      return new XmppError('timeout', text('net.noAnswerFrom', { where }), options);
    case 'ECONNRESET':
    case 'EPIPE':
      return new XmppError('network', text('xmpp.hostClosed', { where }), options);
    default:
      return new XmppError(
        'network',
        text('net.unreachable', { where, reason: error.code ?? error.message }),
        options,
      );
  }
}

/** Why an XMPP login failed. `login` alone forbids a further try. */
export type XmppFailure =
  /** not-authorized, account-disabled, credentials-expired: the password or the account is refused. */
  | 'login'
  /** policy-violation: this address is banned for a while (fail2ban), or a limit was hit. */
  | 'policy'
  | 'host-unknown'
  /** DNS has no such host. */
  | 'name'
  | 'conflict'
  | 'shutdown'
  | 'tls'
  /** The server offers no TLS, and nobody allowed to go without. */
  | 'unencrypted'
  | 'network'
  | 'timeout'
  | 'protocol';
