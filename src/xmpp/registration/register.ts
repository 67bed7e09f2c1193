/** Makes a new account by asking its server (XEP-0077 §3.1), over an encrypted stream. */

import { randomUUID } from 'node:crypto';
import type { Element } from '@xmpp/client';
import { sentences, text } from '../../base/catalogue';
import { CodedError } from '../../base/coded-error';
import { toXmppError, XmppError } from '../errors';
import { NS } from '../namespaces';
import type { StanzaError, Xml } from '../stanzas';
import { stanzaError } from '../stanzas';
import { Exchange } from '../stream/binding';
import type { Account, ConnectTools } from '../stream/connector';
import { findLoginTargets } from '../stream/login-targets';
import { openStream, serviceOf, type XmppStream } from '../stream/stream';

export type RegistrationFault =
  /** The name is taken. */
  | 'taken'
  /** The server makes no accounts for clients. */
  | 'not-allowed'
  /** It asks for what only a person can give: a captcha, an e-mail address, a website. */
  | 'needs-person'
  /** It refuses the name or the password. */
  | 'refused'
  /** Too many accounts were made lately. */
  | 'later'
  /** It does not accept the invitation, or knows none. */
  | 'invitation';

/** Why the server made no account; the message says what to do. */
export class RegistrationError extends CodedError<RegistrationFault> {
  override readonly name = 'RegistrationError';
}

export interface NewAccount extends Omit<Account, 'resource'> {
  /** Token of an invitation. */
  preauth?: string | undefined;
}

/**
 * Registers `account.jid` with `account.password`, and shows the server the token of an invitation first (XEP-0445 §3). Nothing is tried twice with the same host, and nobody is logged in.
 * @throws RegistrationError; XmppError if no host could be reached; the signal's reason.
 */
export async function register(account: NewAccount, tools: ConnectTools, signal: AbortSignal): Promise<void> {
  const { jid, service, port = 5222, connectTimeout: timeoutMs = 20_000, allowUnencrypted, tls } = account;
  const { xml } = await import('@xmpp/client');
  const targets = await findLoginTargets(jid.domain, service, port, tools.srv, tools.random, signal);
  let first: XmppError | undefined;
  for (const endpoint of targets) {
    signal.throwIfAborted();
    const { mustProve } = endpoint;
    try {
      const stream = await openStream(
        {
          endpoint,
          local: jid.local,
          domain: jid.domain,
          password: '',
          allowUnencrypted: allowUnencrypted && !mustProve,
          tls: mustProve ? { ...tls, rejectUnauthorized: true } : tls,
          lookup: tools.lookup,
          timeoutMs,
          beforeLogin: true,
        },
        signal,
      );
      return await registerOn(stream, account, xml, timeoutMs, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RegistrationError) throw error;
      const missed = toXmppError(error);
      first ??= new XmppError(
        missed.code,
        text('xmpp.at', { where: serviceOf(endpoint), text: missed.text }),
        { cause: error },
      );
    }
  }
  throw first ?? new XmppError('network', text('xmpp.noTarget'));
}

async function registerOn(
  stream: XmppStream,
  { jid, password, preauth }: NewAccount,
  xml: Xml,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const exchange = new Exchange(stream, () => {}, timeoutMs, signal);
  const request = async (type: 'get' | 'set', content: Element): Promise<Element> => {
    const id = randomUUID();
    const iq = xml('iq', { type, id, to: jid.domain }, content);
    return exchange.ask(iq, ({ name, attrs }) => name === 'iq' && attrs.id === id);
  };
  const ask = async (type: 'get' | 'set', ...content: Element[]): Promise<Element> => {
    const answer = await request(type, xml('query', { xmlns: NS.register }, ...content));
    if (answer.attrs.type === 'result') return answer;
    throw refusal(stanzaError(answer), jid.bare, type);
  };
  try {
    if (preauth !== undefined) {
      // The others end the stream over a question that they do not know, and need no token to do so.
      if (!stream.features.takesInvitations)
        throw new RegistrationError('invitation', text('account.invitationUnknown', { domain: jid.domain }));
      const answer = await request('set', xml('preauth', { xmlns: NS.preauth, token: preauth }));
      if (answer.attrs.type !== 'result') throw notInvited(stanzaError(answer), jid.domain);
    }
    const form = (await ask('get')).getChild('query', NS.register);
    checkForm(form, jid.domain);
    await ask('set', xml('username', {}, jid.local), xml('password', {}, password));
  } finally {
    exchange.end();
    stream.onEnd = () => {};
    await stream.close();
  }
}

/** @throws RegistrationError if more is asked for than a name and a password. */
function checkForm(form: Element | undefined, domain: string): void {
  const asked = (form?.getChildElements() ?? [])
    .filter(({ name }) => !['instructions', 'x', 'registered', 'username', 'password', 'key'].includes(name))
    .filter((element) => element.getNS() === NS.register)
    .map(({ name }) => name);
  const required = (form?.getChild('x', NS.dataForms)?.getChildren('field') ?? [])
    .filter((field) => field.getChild('required') && field.attrs.type !== 'hidden')
    .map(({ attrs }) => attrs.var ?? '')
    .filter((name) => !['username', 'password'].includes(name));
  const more = [...new Set([...asked, ...required])].filter((name) => name !== '');
  const page = form?.getChild('x', NS.oob)?.getChildText('url')?.slice(0, 300);
  const hasFields = form?.getChild('username') && form.getChild('password');
  if (more.length === 0 && hasFields) return;
  const fields = more.slice(0, 10).join(', ').slice(0, 200);
  throw new RegistrationError(
    'needs-person',
    sentences(
      text('account.onlyPeople', { domain }),
      more.length > 0 ? text('account.asksFor', { fields }) : undefined,
      page ? text('account.page', { page }) : undefined,
    ),
  );
}

function notInvited(error: StanzaError, domain: string): RegistrationError {
  const why = text('account.invitationSpent', { domain, text: error.text });
  return new RegistrationError('invitation', why, { cause: error });
}

function refusal(error: StanzaError, bare: string, type: 'get' | 'set'): RegistrationError {
  const domain = bare.slice(bare.indexOf('@') + 1);
  const options = { cause: error };
  switch (error.condition) {
    case 'conflict':
      return new RegistrationError('taken', text('account.taken', { jid: bare }), options);
    case 'not-acceptable':
    case 'jid-malformed':
    case 'bad-request':
      return new RegistrationError('refused', text('account.refused', { domain, text: error.text }), options);
    case 'resource-constraint':
    case 'policy-violation':
      return new RegistrationError('later', text('account.later', { domain, text: error.text }), options);
    default: {
      const isClosed =
        type === 'get' || ['not-allowed', 'forbidden', 'service-unavailable'].includes(error.condition);
      // ejabberd 26 answers internal-server-error where an invitation meets a name that is taken.
      return new RegistrationError(
        isClosed ? 'not-allowed' : 'refused',
        text(isClosed ? 'account.notAllowed' : 'account.failed', { domain, text: error.text }),
        options,
      );
    }
  }
}
