/** Hosts at which an account logs in (RFC 6120 §3.2, XEP-0368), and the name that each must prove. */

import { text } from '../../base/catalogue';
import type { XmppEndpoint } from '../../net/host';
import type { SrvAnswer } from '../../net/srv';
import { declined, hasSrv, orderSrv, targets } from '../../net/srv';
import { XmppError } from '../errors';
import { asciiDomain } from '../jid-grammar';

export interface LoginTarget extends XmppEndpoint {
  /**
   * True for a host that only DNS named. Without a certificate for the account's domain it gets no password, even if
   * unencrypted logins are allowed.
   */
  mustProve: boolean;
}

/** Maximum hosts to try, because each dead one takes time. */
const MAX_TARGETS = 6;

export type AskSrv = (name: string, signal: AbortSignal) => Promise<SrvAnswer>;

/**
 * The hosts to try, in this order: the typed one, else those of `_xmpps-client` and `_xmpp-client` together by priority
 * and weight, else the domain itself.
 * @throws XmppError if DNS says that the domain offers no XMPP.
 */
export async function findLoginTargets(
  domain: string,
  typed: XmppEndpoint | undefined,
  port: number,
  srv: AskSrv,
  random: () => number,
  signal: AbortSignal,
): Promise<LoginTarget[]> {
  if (typed) return [{ ...typed, mustProve: false }];
  const name = asciiDomain(domain);
  const itself: LoginTarget = { host: name, port, directTls: false, mustProve: false };
  if (!hasSrv(name)) return [itself];
  const [direct, starttls] = await Promise.all([
    srv(`_xmpps-client._tcp.${name}`, signal),
    srv(`_xmpp-client._tcp.${name}`, signal),
  ]);
  const found = orderSrv([...targets(direct, true), ...targets(starttls, false)], random);
  if (found.length === 0) {
    if (declined(starttls)) {
      throw new XmppError('host-unknown', text('discovery.declinesXmpp', { domain }));
    }
    return [itself];
  }
  return found.slice(0, MAX_TARGETS).map((record) => ({
    host: record.name,
    port: record.port,
    directTls: record.tag,
    mustProve: record.name !== name && !record.name.endsWith(`.${name}`),
  }));
}
