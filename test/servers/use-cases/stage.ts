/** What the suites of the use cases share: the servers, a Node-RED, and the examples as they are shipped. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeStatus } from '../../support/comms';
import type { Credentials, Flow, FlowNode } from '../../support/flows';
import type { NodeRed, NodeRedVersion } from '../../support/node-red';
import type { Ejabberd, Mosquitto } from '../../support/servers/index';
import { ChatPartner } from '../chat-out-support';
import { isPresent } from '../chat-support';
import { dinoxBroker, type Harness, PASSWORD, TLS, tlsConfig, USER } from '../nodes-support';

/** Long enough for a login over XMPP beside other tests. */
export const WAIT_MS = 30_000;

export interface Stage {
  readonly version: NodeRedVersion;
  readonly nodeRed: NodeRed;
  readonly mosquitto: Mosquitto;
  readonly ejabberd: Ejabberd;
  readonly harness: Harness;
}

const FOLDER = join(__dirname, '../../../examples');

/** An example, as it is shipped. */
function example(name: string): Flow {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Flow;
}

/** A copy, with ids of its own. */
function renamed(flow: Flow, ending: string): Flow {
  const ids = flow.map(({ id }) => id);
  const rename = (_key: string, value: unknown): unknown =>
    typeof value === 'string' && ids.includes(value) ? value + ending : value;
  return JSON.parse(JSON.stringify(flow, rename)) as Flow;
}

/** A connection to the Mosquitto. */
export const onMosquitto = ({ mosquitto }: Stage, properties: object = {}): FlowNode =>
  dinoxBroker({ host: mosquitto.host, port: mosquitto.port, usetls: false, ...properties });

/** The account on the ejabberd, over TLS. */
export const onEjabberd = ({ ejabberd }: Stage, properties: object = {}): FlowNode =>
  dinoxBroker({
    jid: `${USER}@localhost`,
    xmppService: `xmpp://127.0.0.1:${ejabberd.c2sPort}`,
    host: 'localhost',
    port: ejabberd.mqttTlsPort,
    tls: TLS,
    ...properties,
  });

/**
 * Deploys an example as it is shipped, with its connections typed; resolves once all that use them are connected.
 * @param options `copies` of it beside each other; `beside`: what is typed into one more; `secrets`: further credentials; `waits`: for all that use them.
 * @default one, none, none, true
 * @param typed id of a connection → what is typed there; other nodes: what somebody changes in them
 */
export async function deployExample(
  { nodeRed, ejabberd }: Stage,
  name: string,
  typed: Readonly<Record<string, object>>,
  {
    copies = 1,
    beside,
    secrets = {},
    waits = true,
  }: {
    copies?: number;
    beside?: Readonly<Record<string, object>> | undefined;
    secrets?: Credentials;
    waits?: boolean;
  } = {},
): Promise<void> {
  const filled = (values: typeof typed): Flow =>
    example(name).map((part) => ({ ...part, ...values[part.id], id: part.id, type: part.type }));
  const one = filled(typed);
  const all = Array.from({ length: copies }, (_, n) => (n === 0 ? one : renamed(one, `-${n}`)));
  const flow = [...all, ...(beside ? [renamed(filled(beside), '-beside')] : [])].flat();
  const credentials: Credentials = { ...secrets };
  for (const { type, id, jid } of flow as (FlowNode & { jid?: string })[])
    if (type === 'dinox-broker' && jid) credentials[id] = { password: PASSWORD };
  const from = nodeRed.comms.events.length;
  await nodeRed.deploy([...flow, tlsConfig()], credentials);
  if (!waits) return;
  const users = flow.filter(({ type, broker }: FlowNode) => type !== 'dinox-alert' && broker);
  for (const { id } of users)
    await nodeRed.until(
      `${id} is green`,
      () => {
        const shown = nodeRed.comms.events.slice(from).findLast(({ topic }) => topic === `status/${id}`);
        return (shown?.data as NodeStatus | undefined)?.fill === 'green';
      },
      WAIT_MS,
    );
  const heard = new Set(flow.flatMap(({ type, broker }: FlowNode) => (type === 'xmpp-in' ? [broker] : [])));
  for (const broker of heard) await isThere({ nodeRed, ejabberd }, String(broker));
}

/** Resolves once ejabberd knows the session that a connection has said to have. */
async function isThere(
  { nodeRed, ejabberd }: Pick<Stage, 'nodeRed' | 'ejabberd'>,
  broker: string,
): Promise<void> {
  const line = new RegExp(`${broker}\\] Chat: logged in as \\S+/(\\S+) at \\S+:${ejabberd.c2sPort}$`);
  const texts = nodeRed.logLines('info').map(({ text }) => text.trim());
  const resource = texts.map((text) => line.exec(text)?.[1]).findLast((one) => one !== undefined);
  if (resource !== undefined) await isPresent(ejabberd, USER, resource);
}

/** What debug nodes showed, as text. */
export const debugged = ({ nodeRed }: Stage): string[] =>
  nodeRed.comms.debugMessages().map(({ msg }) => String(msg));

/** What was logged in warning or worse by what runs in `work`. */
export async function complaints({ nodeRed }: Stage, work: () => Promise<void>): Promise<string[]> {
  const from = nodeRed.logLines('fatal', 'error', 'warn').length;
  await work();
  return nodeRed
    .logLines('fatal', 'error', 'warn')
    .slice(from)
    .map(({ text }) => text);
}

/** Presses a button of an example, and waits until a debug node shows something like `says`. */
export async function press(stage: Stage, button: string, says: RegExp): Promise<void> {
  const from = debugged(stage).length;
  await stage.nodeRed.inject(button);
  await stage.nodeRed.until(
    `${says}`,
    () =>
      debugged(stage)
        .slice(from)
        .some((line) => says.test(line)),
    WAIT_MS,
  );
}

/** Ben, with a phone that ends with the test. */
export const phone = async ({ harness, ejabberd }: Stage): Promise<ChatPartner> =>
  harness.keep(await ChatPartner.connect(ejabberd));

/** The first message that is like this. */
export const heard = (who: ChatPartner, line: RegExp): Promise<string> =>
  who.until(`${line}`, () => who.bodies.find((body) => line.test(body)), WAIT_MS);

/** Says something to the bot. */
export function say(who: ChatPartner, text: string): Promise<void> {
  const to = { to: `${USER}@localhost`, type: 'chat', id: crypto.randomUUID() };
  return who.send(who.xml('message', to, who.xml('body', {}, text)));
}
