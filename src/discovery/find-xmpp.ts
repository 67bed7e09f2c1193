/** The XMPP half of a resolution: the login, and the server's description of itself. */

import { text, words } from '../base/catalogue';
import type { Text } from '../base/text';
import type { XmppEndpoint } from '../net/host';
import type { SrvAnswer } from '../net/srv';
import { declined, hasSrv, orderSrv, targets } from '../net/srv';
import type { UntrustedCertificate } from '../net/tls-fault';
import { xmppEndpointText } from '../servers/endpoint';
import type { ServerType } from '../servers/types';
import type { XmppAnswer } from '../xmpp/stream/login-types';
import { accountDomain, askSrv, type Context, within } from './context';
import { ResolveError } from './errors';
import { StepGroup } from './step-log';

const MAX_TARGETS = 4;

export interface XmppTargets {
  /** Endpoints in the order to try. */
  endpoints: XmppEndpoint[];
  /** True if DNS named them, not a person and not the account's domain. */
  fromDns: boolean;
  /** True if DNS could not be asked: then the domain may still exist. */
  dnsFailed?: boolean;
}

export interface XmppFound {
  endpoint: XmppEndpoint;
  answer: Extract<XmppAnswer, { ok: true }>;
  serverType: ServerType | undefined;
}

export interface XmppMissed {
  endpoint?: XmppEndpoint;
  failure: Extract<XmppAnswer, { ok: false }>['failure'];
  /** The tries and their answers. */
  text: Text;
  certificate?: UntrustedCertificate;
}

/** Endpoints for the account's login: as typed, else by SRV (RFC 6120 §3.2.1, XEP-0368), else the domain itself. */
export async function findXmppTargets(context: Context): Promise<XmppTargets> {
  const { question, lookups } = context;
  const domain = accountDomain(question) ?? '';
  if (question.xmppService) return { endpoints: [question.xmppService], fromDns: false };
  const itself = { host: domain, port: lookups.ports.xmpp, directTls: false };
  if (!hasSrv(domain)) return { endpoints: [itself], fromDns: false };
  const follows = (answer: SrvAnswer) => {
    if (declined(answer)) return text('discovery.notThisWay');
    return answer.kind === 'records' ? text('discovery.logInThere') : text('discovery.otherRecord');
  };
  const [direct, starttls] = await Promise.all([
    askSrv(context, StepGroup.XmppSrv, '_xmpps-client', follows),
    askSrv(context, StepGroup.XmppSrv, '_xmpp-client', follows),
  ]);
  const ordered = orderSrv([...targets(direct, true), ...targets(starttls, false)], lookups.random);
  if (ordered.length > 0) {
    const endpoints = ordered.map(({ name, port, tag }) => ({ host: name, port, directTls: tag }));
    return { endpoints: endpoints.slice(0, MAX_TARGETS), fromDns: true };
  }
  // One service declined and the other not mentioned: RFC 6120 names `_xmpp-client` as the one that decides.
  if (declined(starttls)) return { endpoints: [], fromDns: true };
  const dnsFailed = direct.kind === 'failed' && starttls.kind === 'failed';
  return { endpoints: [itself], fromDns: false, dnsFailed };
}

/**
 * Logs in at the first target that lets it. A refused password is never tried elsewhere.
 * @param isNeeded false if only chat depends on it; then a refusal is only a reason
 * @throws ResolveError `login` if the account is refused
 */
export async function logIn(
  context: Context,
  { endpoints, dnsFailed }: XmppTargets,
  isNeeded = true,
): Promise<XmppFound | XmppMissed> {
  const { question, secrets, lookups, recorder, unit } = context;
  const { jid } = question;
  if (!jid) throw new Error('an XMPP login needs a JID');
  const { password = '' } = secrets;
  if (endpoints.length === 0) {
    return { failure: 'host-unknown', text: text('discovery.declinesXmpp', { domain: jid.domain }) };
  }
  const until = lookups.steady() + 7 * unit;
  let missed: XmppMissed | undefined;
  for (const [index, endpoint] of endpoints.entries()) {
    const left = until - lookups.steady();
    if (missed && left < unit) break;
    const last = index === endpoints.length - 1;
    const timeoutMs = Math.round(last ? left : Math.min(left, 3 * unit));
    const where = xmppEndpointText(endpoint);
    const answer = await recorder.run<XmppAnswer>(
      StepGroup.Xmpp,
      () =>
        within<XmppAnswer>(
          context,
          // The login's own time, and three seconds for discovery behind it.
          timeoutMs / unit + 3,
          (signal) =>
            lookups.xmpp(
              {
                ...endpoint,
                local: jid.local,
                domain: jid.domain,
                password,
                allowUnencrypted: question.allowUnencrypted,
                timeoutMs,
              },
              signal,
            ),
          { ok: false, failure: 'timeout', text: text('discovery.noAnswer') },
        ),
      (got) => ({
        asked: text('discovery.xmppLoginAt', { jid: jid.bare, where }),
        answer: got.ok ? describe(got) : got.text,
        follows: got.ok
          ? typeText(got)
          : got.failure === 'login' && isNeeded
            ? text('discovery.stop')
            : last || got.failure === 'login'
              ? text('discovery.withoutXmpp')
              : text('discovery.nextOne'),
        ok: got.ok,
      }),
    );
    if (answer.ok) {
      noteXmppLine(context, where, answer);
      return { endpoint, answer, serverType: xmppServerType(answer) };
    }
    if (answer.failure === 'login') {
      const refusal = refused(context, where, answer.text);
      if (isNeeded) throw refusal;
      return { endpoint, failure: 'login', text: refusal.text };
    }
    const { certificate } = answer;
    // A target that DNS names and does not have says nothing about the spelling of the domain.
    const isOther = endpoint.host !== accountDomain(question);
    const failure = answer.failure === 'name' && (isOther || dnsFailed) ? 'network' : answer.failure;
    const why = text('discovery.loginFailed', { where, text: answer.text });
    missed ??= {
      endpoint,
      failure,
      text: why,
      ...(certificate && { certificate: { where, ...certificate } }),
    };
  }
  return missed ?? { failure: 'timeout', text: text('discovery.noTimeLeft') };
}

function refused(context: Context, where: string, why: Text): ResolveError {
  const jid = context.question.jid?.bare ?? '';
  return new ResolveError(
    'login',
    text('discovery.cannotLogIn', { jid, where, text: why }),
    context.recorder.steps(),
    context.notices,
  );
}

type Online = Extract<XmppAnswer, { ok: true }>;

function describe({ software, services, identities }: Online): Text {
  const name = software ?? identities[0];
  const what = [name === undefined ? text('discovery.noName') : words(name)];
  const names = Object.values(services).join(', ');
  if (names !== '') what.push(words(names));
  return text('discovery.online', { what });
}

function typeText(answer: Online): Text {
  const type = xmppServerType(answer);
  return type ? text('discovery.isServer', { type }) : text('discovery.isNeither');
}

/** Server type by name: an admin may change ejabberd's identity, hence both the version and the identities count. */
function xmppServerType({
  software = '',
  identities,
}: Pick<Online, 'software' | 'identities'>): ServerType | undefined {
  const names = [software, ...identities].join(' ').toLowerCase();
  if (names.includes('ejabberd')) return 'ejabberd';
  return names.includes('prosody') ? 'prosody' : undefined;
}

function noteXmppLine({ notices, question }: Context, where: string, answer: Online): void {
  if (!answer.encrypted) {
    notices.push({
      level: 'warning',
      code: 'xmpp-unencrypted',
      text: text('discovery.noteXmppClear', { where }),
    });
  } else if (answer.pinned) {
    notices.push({
      level: 'info',
      code: 'xmpp-pinned',
      text: text('discovery.notePinned', { where }),
    });
  } else if (answer.verified === false) {
    notices.push({
      level: 'warning',
      code: 'xmpp-unverified',
      text: text('discovery.noteXmppUnverified', { where, domain: question.jid?.domain ?? '' }),
    });
  }
}
