/** From an account to a stream that carries its session: the hosts in their order, the login, the binding. */

import type { LookupFunction } from 'node:net';
import type { Element } from '@xmpp/client';
import { text } from '../../base/catalogue';
import type { XmppEndpoint } from '../../net/host';
import type { TlsSettings } from '../../net/tls';
import { toXmppError, XmppError } from '../errors';
import type { Jid } from '../jid-grammar';
import type { Xml } from '../stanzas';
import { type Bound, bind, type Resumable } from './binding';
import { type AskSrv, findLoginTargets, type LoginTarget } from './login-targets';
import { openStream, serviceOf, type XmppStream } from './stream';

export interface Account {
  jid: Pick<Jid, 'local' | 'domain' | 'bare'>;
  password: string;
  resource: string;
  /** Typed by a person; undefined: found by DNS. */
  service?: XmppEndpoint | undefined;
  allowUnencrypted: boolean;
  tls?: TlsSettings | undefined;
  /** Connecting, encrypting and logging in at one host, in milliseconds. @default 20000 */
  connectTimeout?: number | undefined;
  /** Port if DNS names none. @default 5222 */
  port?: number | undefined;
}

export interface ConnectTools {
  /** 0 ≤ random < 1. */
  random: () => number;
  srv: AskSrv;
  lookup?: LookupFunction | undefined;
}

export interface Attempt {
  xml: Xml;
  /** The lost stream, to be taken up again. */
  resumable: Resumable | undefined;
  /** Throws if the server's answer to that cannot be true. */
  checkResumption(h: string | undefined): void;
  /** Gets stanzas that come before the session stands. */
  other(element: Element): void;
}

export interface LoggedIn {
  stream: XmppStream;
  bound: Bound;
  /** `xmpp://host:port` */
  where: string;
}

/**
 * Goes through the hosts until one accepts the login. A refused login is not tried elsewhere.
 * @throws XmppError, of the first host; or the signal's reason.
 */
export async function connect(
  account: Account,
  tools: ConnectTools,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<LoggedIn> {
  const { jid, service, port = 5222 } = account;
  const targets = await findLoginTargets(jid.domain, service, port, tools.srv, tools.random, signal);
  let first: XmppError | undefined;
  for (const target of targets) {
    signal.throwIfAborted();
    const where = serviceOf(target);
    try {
      const { stream, bound } = await open(account, tools, target, attempt, signal);
      return { stream, bound, where };
    } catch (error) {
      signal.throwIfAborted();
      const { code, text: why, cause } = toXmppError(error);
      const missed = new XmppError(code, text('xmpp.at', { where, text: why }), { cause: cause ?? error });
      if (isRefusal(missed)) throw missed;
      first ??= missed;
    }
  }
  throw first ?? new XmppError('network', text('xmpp.noTarget'));
}

/** True if the login itself was refused. Trying again would only lead to a ban. */
export function isRefusal({ code, cause }: XmppError): boolean {
  const bySasl = cause instanceof Error && cause.name === 'SASLError' && 'element' in cause;
  return code === 'login' || (bySasl && code === 'protocol');
}

async function open(
  { jid, password, resource, allowUnencrypted, tls, connectTimeout: timeoutMs = 20_000 }: Account,
  { lookup }: ConnectTools,
  target: LoginTarget,
  { checkResumption, ...attempt }: Attempt,
  signal: AbortSignal,
): Promise<Omit<LoggedIn, 'where'>> {
  const { mustProve } = target;
  const stream = await openStream(
    {
      endpoint: target,
      local: jid.local,
      domain: jid.domain,
      password,
      allowUnencrypted: allowUnencrypted && !mustProve,
      tls: mustProve ? { ...tls, rejectUnauthorized: true } : tls,
      lookup,
      timeoutMs,
    },
    signal,
  );
  try {
    const bound = await bind(stream, { ...attempt, resource, timeoutMs }, signal);
    signal.throwIfAborted();
    if (bound.resumed) checkResumption(bound.h);
    if (stream.error) throw stream.error;
    return { stream, bound };
  } catch (error) {
    stream.onEnd = () => {};
    stream.fail(toXmppError(error));
    throw error;
  }
}
