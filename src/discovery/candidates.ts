/** Endpoints at which an account's MQTT broker may be found, and their sources. */

import { isIP } from 'node:net';
import { text } from '../base/catalogue';
import type { SrvAnswer } from '../net/srv';
import { declined, hasSrv, orderSrv, targets } from '../net/srv';
import { endpointText } from '../servers/endpoint';
import type { Endpoint } from '../servers/types';
import { accountDomain, askSrv, type Context } from './context';
import type { XmppTargets } from './find-xmpp';
import { StepGroup } from './step-log';

/** Most targets of one SRV record set, and most XMPP targets, that are asked for MQTT. */
const MAX_SRV = 3;
const MAX_XMPP = 2;

/** Source of a host name; it decides the proof that the host owes before it gets a password. */
export type Trust =
  /** A person: nothing to prove but its certificate. */
  | 'typed'
  /** The account's domain, or a name below it. */
  | 'domain'
  /** Only DNS or a server: its certificate must be valid for the account's domain. */
  | 'named';

export interface Candidate {
  endpoint: Endpoint;
  trust: Trust;
  /** `srv`: the operator named it for MQTT; `guess`: the XMPP host or the domain itself. */
  group: 'typed' | 'srv' | 'guess';
  /** True without TLS although TLS is asked for; used only if nothing answers with TLS and the address is local. */
  fallback: boolean;
  /** Names, one of which the certificate must carry. */
  servernames: string[];
}

/** The endpoints of a typed host: the one that was typed, or with TLS and, behind it, without. */
export function typedCandidates({ question, lookups }: Pick<Context, 'question' | 'lookups'>): Candidate[] {
  const { host = '', scheme, port, path } = question;
  const domain = accountDomain(question);
  const make = (protocol: Endpoint['protocol'], defaultPort: number, fallback = false): Candidate => ({
    endpoint: { protocol, host, port: port ?? defaultPort, ...(path !== undefined && { path }) },
    trust: 'typed',
    group: 'typed',
    fallback,
    servernames: lookups.servername ? [lookups.servername] : unique([host, ...(domain ? [domain] : [])]),
  });
  const defaults = { mqtt: lookups.ports.mqtt, mqtts: lookups.ports.mqtts, ws: 80, wss: 443 };
  if (scheme) return [make(scheme, defaults[scheme])];
  if (!question.usetls) return [make('mqtt', defaults.mqtt)];
  const secure = make('mqtts', defaults.mqtts);
  return port === undefined ? [secure, make('mqtt', defaults.mqtt, true)] : [secure];
}

/** The endpoints that belong to the account: by SRV, the XMPP host, the domain itself; best first. */
export async function foundCandidates(context: Context, xmpp: Promise<XmppTargets>): Promise<Candidate[]> {
  const { question, lookups } = context;
  const domain = accountDomain(question) ?? '';
  const follows = (answer: SrvAnswer) => {
    if (declined(answer)) return text('discovery.notElsewhere');
    return answer.kind === 'records' ? text('discovery.askThere') : text('discovery.askDomain');
  };
  const none: SrvAnswer = { kind: 'none' };
  const [secure, plain, { endpoints, fromDns }] = await Promise.all([
    hasSrv(domain) && question.usetls ? askSrv(context, StepGroup.MqttSrv, '_secure-mqtt', follows) : none,
    hasSrv(domain) && wantsPlain(context) ? askSrv(context, StepGroup.MqttSrv, '_mqtt', follows) : none,
    xmpp,
  ]);
  const list: Candidate[] = [];
  const add = (group: Candidate['group'], tls: boolean, host: string, port: number, trust: Trust) => {
    const name = host.toLowerCase();
    const endpoint: Endpoint = { protocol: tls ? 'mqtts' : 'mqtt', host: name, port: question.port ?? port };
    const key = endpointText(endpoint);
    if (list.some((other) => endpointText(other.endpoint) === key)) return;
    const servernames = lookups.servername ? [lookups.servername] : namesFor(name, domain, trust);
    list.push({ endpoint, trust, group, fallback: !tls && question.usetls, servernames });
  };
  const srv = [...targets(secure, true), ...targets(plain, false)];
  for (const tls of [true, false]) {
    const records = orderSrv(
      srv.filter(({ tag }) => tag === tls),
      lookups.random,
    );
    for (const { name, port } of records.slice(0, MAX_SRV))
      add('srv', tls, name, port, trustOf(name, domain));
  }
  const hosts = endpoints.slice(0, MAX_XMPP).map(({ host }) => ({
    host,
    trust: fromDns || host.toLowerCase() === domain ? trustOf(host, domain) : ('typed' as const),
  }));
  for (const { host, trust } of [...hosts, { host: domain, trust: 'domain' as const }]) {
    if (question.usetls && !declined(secure)) add('guess', true, host, lookups.ports.mqtts, trust);
    if (wantsPlain(context) && !declined(plain)) add('guess', false, host, lookups.ports.mqtt, trust);
  }
  return list;
}

/** True to try without TLS: if that was chosen, or as the last way if no port says otherwise. */
function wantsPlain({ question }: Context): boolean {
  return !question.usetls || question.port === undefined;
}

function trustOf(host: string, domain: string): Trust {
  const name = host.toLowerCase();
  return name === domain || (isIP(domain) === 0 && name.endsWith(`.${domain}`)) ? 'domain' : 'named';
}

function namesFor(host: string, domain: string, trust: Trust): string[] {
  if (trust === 'named') return [domain];
  return trust === 'typed' ? unique([host, domain]) : unique([domain, host]);
}

function unique(names: string[]): string[] {
  return [...new Set(names)];
}
