/** Observed abilities of a server. Nothing is assumed: an ability that was not tried, or gave no answer, is `unknown`. */
import type { Plan } from '../../discovery/types';

export type AbilityName =
  | 'transport'
  | 'login'
  | 'versions'
  | 'qos'
  | 'retained'
  | 'wildcards'
  | 'shared'
  | 'size'
  | 'nodes'
  | 'upload'
  | 'rooms'
  | 'pubsub';

/** One row of a connection test's result table. */
export interface Ability {
  name: AbilityName;
  /** `limited`: less than the protocol knows; `warning`: it works, and somebody should know how. */
  verdict: 'yes' | 'limited' | 'no' | 'warning' | 'unknown';
  /** Key of its text, below `ability.said` in the locales. */
  said: string;
  params?: Readonly<Record<string, string | number>>;
}

const SERVICES = { upload: 'upload', rooms: 'muc', pubsub: 'pubsub' } as const;

const TRANSPORTS = {
  local: 'bridgeLocal',
  remote: 'bridgeRemote',
  unconfirmed: 'bridgeUnconfirmed',
  untrusted: 'bridgeUntrusted',
  absent: 'bridgeAbsent',
} as const;

/** Row for the transport, and the reason for it if nobody chose it. */
export function transportAbilities({ transport, pubsub }: Plan): Ability[] {
  if (!transport) return pubsub ? [{ name: 'transport', verdict: 'yes', said: 'overPubsub' }] : [];
  const { why, ...params } = transport;
  return [{ name: 'transport', verdict: 'yes', said: TRANSPORTS[why], params }];
}

/** Rows for the services in the account server's service discovery (XEP-0030); none without an account. */
export function xmppAbilities(plan: Plan, hasAccount: boolean): Ability[] {
  if (!hasAccount) return [];
  return Object.entries(SERVICES).map(([name, service]): Ability => {
    const jid = plan.services[service];
    const row = { name: name as AbilityName };
    if (!plan.xmpp) return { ...row, verdict: 'unknown', said: 'noXmpp' };
    return jid === undefined
      ? { ...row, verdict: 'no', said: 'notOffered' }
      : { ...row, verdict: 'yes', said: 'at', params: { jid } };
  });
}
