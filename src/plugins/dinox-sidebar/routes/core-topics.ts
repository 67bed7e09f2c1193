import { lookup } from 'node:dns/promises';
import type { Node, NodeAPI } from 'node-red';
import { BoundedMap } from '../../../base/bounded-map';
import type { Clock } from '../../../base/clock';
import { asObject, type Routes, requestBody } from '../../../runtime/admin/routes';
import type { Broker } from '../../../runtime/broker/broker';
import { knownBrokers } from '../../../runtime/known-brokers';
import { topicsFound } from './topics';

/** Where a client connects to. */
export interface Endpoint {
  host: string;
  port: number;
}

/** Most topics of one answer: a list below a field shows a dozen. */
const MAX_TOPICS = 20;
const MAX_HOST_LENGTH = 300;
/** Ports of one server, without and with TLS. */
const USUAL_PORTS: readonly number[] = [1883, 8883];
const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'mqtt:': 1883,
  'mqtts:': 8883,
  'ws:': 80,
  'wss:': 443,
};
/** Milliseconds for which the addresses of a host are remembered. */
const KNOWN_MS = 60_000;
/** Milliseconds that DNS may take: somebody is typing. */
const PATIENCE = 2_000;

/** The endpoint in core's fields, where the host may be an address of its own: `wss://example.org/mqtt`. */
export function endpointOf(host: unknown, port: unknown, usesTls: boolean): Endpoint | undefined {
  const typed = typeof host === 'string' ? host.trim() : '';
  if (typed === '' || typed.length > MAX_HOST_LENGTH) return undefined;
  const hasScheme = /^\w+:\/\//.test(typed);
  const bracketed = !hasScheme && typed.includes(':') && !typed.startsWith('[') ? `[${typed}]` : typed;
  const url = hasScheme ? typed : `${usesTls ? 'mqtts' : 'mqtt'}://${bracketed}`;
  if (!URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  const own = Number(parsed.port || (hasScheme ? '' : String(port ?? '')));
  return { host: bareHost(parsed.hostname), port: own || DEFAULT_PORTS[parsed.protocol] || 1883 };
}

const bareHost = (host: string): string =>
  host
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();

/** True if both ports may belong to one server. */
export function arePortsOfOne(one: number, two: number): boolean {
  return one === two || (USUAL_PORTS.includes(one) && USUAL_PORTS.includes(two));
}

/** Compares hosts by their addresses, which are asked for once a minute. */
export class Hosts {
  private readonly known = new BoundedMap<string, { until: number; addresses: Promise<string[]> }>(100);

  constructor(
    private readonly clock: Clock,
    private readonly resolve: (host: string) => Promise<string[]>,
  ) {}

  async areSame(one: string, two: string): Promise<boolean> {
    if (one === two) return true;
    const [first, second] = await Promise.all([this.of(one), this.of(two)]);
    return first.some((address) => second.includes(address));
  }

  private of(host: string): Promise<string[]> {
    const before = this.known.get(host);
    if (before && before.until > this.clock.steady()) return before.addresses;
    const late = new Promise<string[]>((done) => this.clock.after(PATIENCE, () => done([])));
    const addresses = Promise.race([this.resolve(host).catch(() => []), late]);
    this.known.set(host, { until: this.clock.steady() + KNOWN_MS, addresses });
    return addresses;
  }
}

/**
 * `POST dinox/core-topics` `{id, host, port, usetls, q, role}` (`dinox.read`): topics for the field of a core node, whose
 * `mqtt-broker` is the same server as one of our connections; none for any other. As that server names them.
 */
export function coreTopicRoutes(RED: NodeAPI, routes: Routes, clock: Clock): void {
  const hosts = new Hosts(clock, async (host) =>
    (await lookup(host, { all: true })).map(({ address }) => address),
  );

  routes.ask('/dinox/core-topics', async (request) => {
    const { id, host, port, usetls, q, role } = requestBody(request);
    // Only the runtime knows what stands in an environment variable.
    const isVariable = typeof host === 'string' && host.includes('${');
    const wanted = isVariable ? deployedEndpoint(RED, id) : endpointOf(host, port, usetls === true);
    const rows = new Map<string, object>();
    for (const { broker } of wanted ? knownBrokers(RED) : []) {
      const own = mqttEndpoint(broker);
      if (!wanted || !own || !arePortsOfOne(own.port, wanted.port)) continue;
      if (!(await hosts.areSame(own.host, wanted.host))) continue;
      for (const row of topicsFound(broker, { q, role }, MAX_TOPICS)) {
        const topic = wireTopic(broker, row.topic);
        if (rows.size < MAX_TOPICS && !rows.has(topic)) rows.set(topic, { ...row, topic });
      }
    }
    return { rows: [...rows.values()] };
  });
}

function deployedEndpoint(RED: NodeAPI, id: unknown): Endpoint | undefined {
  const node = typeof id === 'string' ? (RED.nodes.getNode(id) as Node | null) : null;
  if ((node?.type as string | undefined) !== 'mqtt-broker') return undefined;
  const { broker, port, usetls } = asObject(node);
  return endpointOf(broker, port, usetls === true);
}

/** Undefined over PubSub, which no node of core's speaks. */
function mqttEndpoint({ present: { where = '' } }: Pick<Broker, 'present'>): Endpoint | undefined {
  return /^(?:mqtts?|wss?):\/\//.test(where) ? endpointOf(where, undefined, false) : undefined;
}

/** Core's nodes know no plain topics: Prosody's bridge has its own form. */
function wireTopic({ recorder }: Pick<Broker, 'recorder'>, topic: string): string {
  const origin = recorder.pubsubOf(topic);
  return origin ? `${origin.service}/${origin.type}/${origin.node}` : topic;
}
