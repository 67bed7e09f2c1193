/** The ways that messages take, on every server of both generations, with other clients beside the flow. */
import type { FlowNode } from '../../support/flows';
import { type Proxy as Line, startProxy } from '../../support/servers/index';
import { PEOPLE, type ServersOfGeneration } from '../../support/table/targets';
import { dinoxBroker, type Harness, TLS } from '../nodes-support';
import { MqttOther, type Other, XmppOther } from './others';

/** In the order of the page; the first is the yardstick. */
export const WAYS = [
  'Mosquitto',
  'ejabberd, MQTT',
  'ejabberd, PubSub',
  'Prosody, bridge',
  'Prosody, bridge and account',
  'Prosody, PubSub',
] as const;
export type Way = (typeof WAYS)[number];

export interface Column {
  way: Way;
  /** `23.01` */
  version: string;
  /** Ends the ids of its nodes. */
  id: string;
  /** The `dinox-broker`, named `broker-<id>`. */
  broker: FlowNode;
  credentials: Record<string, string>;
  /** Between the nodes and the server. */
  line: Line;
  /** An account that may make topics. */
  ben: Other;
  /** Another account with no rights but those that everybody has; at the bridge, just anybody. */
  carl: Other;
  /** Another session of the flow's own account. */
  twin: Other;
}

type Parts = Omit<Column, 'way' | 'version' | 'id' | 'broker' | 'line'> & {
  broker: object;
  line: Line;
};
type Make = (harness: Harness, servers: ServersOfGeneration) => Promise<Parts>;

const SERVICE = 'pubsub.localhost';
const bridgeForm = (topic: string): string => `${SERVICE}/json/${topic}`;
const ACCOUNT = { jid: 'anna@localhost', tls: TLS, pubsubPoll: '10s' };
const CREDENTIALS = { password: PEOPLE.anna };

/** The three others, one behind the other: servers dislike many logins at once. */
async function others(harness: Harness, connect: (who: keyof typeof PEOPLE) => Promise<Other>) {
  const ben = harness.keep(await connect('ben'));
  const carl = harness.keep(await connect('carl'));
  const twin = harness.keep(await connect('anna'));
  return { ben, carl, twin };
}

let phones = 0;
const overXmpp = (harness: Harness, { c2sTlsPort }: { c2sTlsPort: number }) =>
  others(harness, (who) => XmppOther.connect(c2sTlsPort, who, PEOPLE[who], `phone-${++phones}`));

const lineTo = async (harness: Harness, port: number): Promise<Line> =>
  harness.keep(await startProxy({ target: { port } }));

const MAKERS: Record<Way, Make> = {
  Mosquitto: async (harness, { mosquitto: { port } }) => {
    const line = await lineTo(harness, port);
    return {
      broker: { host: '127.0.0.1', port: line.port, usetls: false },
      credentials: { user: 'anna', mqttPassword: PEOPLE.anna },
      line,
      ...(await others(harness, (who) => MqttOther.connect(port, { username: who, password: PEOPLE[who] }))),
    };
  },
  'ejabberd, MQTT': async (harness, { ejabberd }) => {
    const line = await lineTo(harness, ejabberd.mqttTlsPort ?? 0);
    const connect = (who: keyof typeof PEOPLE) =>
      MqttOther.connect(ejabberd.mqttPort, { username: `${who}@localhost`, password: PEOPLE[who] });
    return {
      broker: { ...ACCOUNT, xmppService: `xmpp://localhost:${ejabberd.c2sPort}`, port: line.port },
      credentials: CREDENTIALS,
      line,
      ...(await others(harness, connect)),
    };
  },
  'ejabberd, PubSub': async (harness, { ejabberd }) => {
    const line = await lineTo(harness, ejabberd.c2sPort);
    return {
      broker: { ...ACCOUNT, xmppService: `xmpp://localhost:${line.port}`, transport: 'pubsub' },
      credentials: CREDENTIALS,
      line,
      ...(await overXmpp(harness, ejabberd)),
    };
  },
  'Prosody, bridge': async (harness, { prosody }) => {
    const line = await lineTo(harness, prosody.mqttPort);
    return {
      broker: {
        ...{ host: '127.0.0.1', port: line.port, usetls: false },
        ...{ serverType: 'prosody', pubsubService: SERVICE },
      },
      credentials: {},
      line,
      ...(await others(harness, () => MqttOther.connect(prosody.mqttPort, {}, bridgeForm))),
    };
  },
  'Prosody, bridge and account': async (harness, { prosody }) => {
    const line = await lineTo(harness, prosody.mqttTlsPort);
    return {
      broker: {
        ...{ ...ACCOUNT, xmppService: `xmpp://localhost:${prosody.c2sPort}` },
        ...{ transport: 'mqtt', port: line.port },
      },
      credentials: CREDENTIALS,
      line,
      ...(await overXmpp(harness, prosody)),
      // Whoever reaches the bridge is let in.
      carl: harness.keep(await MqttOther.connect(prosody.mqttPort, {}, bridgeForm)),
    };
  },
  'Prosody, PubSub': async (harness, { prosody }) => {
    const line = await lineTo(harness, prosody.c2sPort);
    return {
      broker: { ...ACCOUNT, xmppService: `xmpp://localhost:${line.port}`, transport: 'pubsub' },
      credentials: CREDENTIALS,
      line,
      ...(await overXmpp(harness, prosody)),
    };
  },
};

export function makeColumns(
  harness: Harness,
  generations: readonly ServersOfGeneration[],
): Promise<Column[]> {
  return Promise.all(
    WAYS.flatMap((way, at) =>
      generations.map(async (servers, generation) => {
        const id = `${at}${generation}`;
        const parts = await MAKERS[way](harness, servers);
        const broker = dinoxBroker(parts.broker, `broker-${id}`);
        return { ...parts, way, id, broker, version: versionOf(way, servers) };
      }),
    ),
  );
}

function versionOf(way: Way, { mosquitto, ejabberd, prosody }: ServersOfGeneration): string {
  const server = way === 'Mosquitto' ? mosquitto : way.startsWith('ejabberd') ? ejabberd : prosody;
  return server.version.split('-')[0] ?? '';
}
