import type { Element } from '@xmpp/client';
import { text } from '../../base/catalogue';
import { textOf } from '../../base/coded-error';
import { plain } from '../../base/printable';
import type { Step } from '../../base/step';
import type { Text } from '../../base/text';
import { xmppEndpointText } from '../../servers/endpoint';
import { XmppError } from '../../xmpp/errors';
import { identitiesOf, itemsOf, nodesOf } from '../../xmpp/pubsub/answers';
import { PubsubRequests } from '../../xmpp/pubsub/requests';
import { StanzaError } from '../../xmpp/stanzas';
import { type LoggedIn, withLogin } from '../../xmpp/stream/login';
import { LinkError } from '../errors';
import type { Ability } from './abilities';
import type { ProbedServer, ProbeListener, ProbeTools } from './probe';

/** Login, and every answer of the service, within so many milliseconds. */
const LOGIN_TIMEOUT = 10_000;
const ANSWER_TIMEOUT = 10_000;
const MAX_NODES = 20_000;

interface Asking {
  session: LoggedIn;
  requests: PubsubRequests;
  node: string;
  jid: string;
}

/**
 * Logs in along a plan that goes over PubSub, and tries the service: its nodes, and a node of its own below
 * `dinox-nr/probe/`, which is made, written, read and deleted.
 *
 * @throws LinkError without a login or a service; the signal's reason if it was cancelled.
 */
export async function probePubsub(
  { plan, question, secrets, tls }: ProbedServer,
  { clock, newId }: Pick<ProbeTools, 'clock' | 'newId'>,
  listener: ProbeListener,
  signal: AbortSignal,
): Promise<void> {
  const { pubsub, xmpp } = plan;
  const { jid } = question;
  if (!pubsub || !xmpp || !jid) throw new LinkError('config', text('pubsub.needsAccount'), true);
  const request = {
    ...xmpp,
    local: jid.local,
    password: secrets.password ?? '',
    allowUnencrypted: question.allowUnencrypted,
    timeoutMs: LOGIN_TIMEOUT,
  };
  const told = async <T>(asked: Text, ask: () => Promise<T>, tell: (answer: T) => Told): Promise<T> => {
    const started = clock.steady();
    const step = (finding: Told): Step => ({ asked, ...finding, ms: Math.round(clock.steady() - started) });
    try {
      const answer = await ask();
      signal.throwIfAborted();
      listener.step(step(tell(answer)));
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      listener.step(step({ answer: textOf(error), follows: text('discovery.stop'), ok: false }));
      throw error;
    }
  };
  const where = xmppEndpointText(xmpp);
  await withLogin(request, { tls }, signal, async (session) => {
    const requests = new PubsubRequests(session.xml, pubsub.service, jid.bare);
    const asking = { session, requests, node: `dinox-nr/probe/${newId()}`, jid: jid.bare };
    await told(
      text('probe.askService', { service: pubsub.service, jid: jid.bare, where }),
      () => check(asking),
      () => ({ answer: text('probe.isService'), follows: text('probe.tryAbilities'), ok: true }),
    );
    listener.ability({ name: 'login', verdict: 'yes', said: 'overXmpp', params: { user: plain(jid.bare) } });
    for (const [asked, question] of [
      [text('probe.askNodes'), listNodes],
      [text('probe.askOwnNode', { node: asking.node }), writeNode],
    ] as const) {
      const { abilities } = await told(
        asked,
        () => question(asking),
        ({ answer, follows, ok }) => ({ answer, follows, ok }),
      );
      for (const ability of abilities) listener.ability(ability);
    }
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw linkError(error);
  });
}

type Told = Pick<Step, 'answer' | 'follows' | 'ok'>;
type Found = Told & { abilities: Ability[] };

async function check({ session, requests }: Asking): Promise<void> {
  const { service } = requests;
  const found = identitiesOf(await session.ask(requests.info(), ANSWER_TIMEOUT));
  if (found.includes('pubsub/service') || found.includes('pubsub/pep')) return;
  const what = found.length > 0 ? found.join(', ') : text('pubsub.unnamed');
  throw new LinkError('config', text('pubsub.noService', { service, what }), true);
}

/** Wildcards are matched against the list of nodes. */
async function listNodes({ session, requests }: Asking): Promise<Found> {
  const answer = await refusable(session.ask(requests.nodes(), ANSWER_TIMEOUT));
  if (answer instanceof StanzaError) {
    return {
      answer: answer.text,
      follows: text('probe.cannotBeUsed'),
      ok: false,
      abilities: [{ name: 'wildcards', verdict: 'no', said: 'worksNot' }],
    };
  }
  const count = nodesOf(answer, MAX_NODES).size;
  return {
    answer: text('probe.nodes', { count }),
    follows: text('probe.canBeUsed'),
    ok: true,
    abilities: [{ name: 'wildcards', verdict: 'yes', said: 'works' }],
  };
}

/** Makes a node, publishes an item, reads it, and deletes the node. */
async function writeNode({ session, requests, node }: Asking): Promise<Found> {
  const config = { persist: true, maxItems: 1, access: 'whitelist', publish: 'publishers' };
  const ask = (iq: Element) => refusable(session.ask(iq, ANSWER_TIMEOUT));
  const made = await ask(requests.create(node, config));
  if (made instanceof StanzaError) {
    return {
      answer: made.text,
      follows: text('probe.onlyThere'),
      ok: false,
      abilities: [{ name: 'nodes', verdict: 'warning', said: 'mayNotCreate' }],
    };
  }
  const item = { type: 'json' as const, text: '"dinox"' };
  const published = await ask(requests.publish(node, 'dinox-probe', item));
  const read = published instanceof StanzaError ? published : await ask(requests.lastItems(node, 1));
  const removed = await ask(requests.remove(node));
  const isKept = !(read instanceof StanzaError) && itemsOf(read).some(({ id }) => id === 'dinox-probe');
  const refusal = [published, read, removed].find((one) => one instanceof StanzaError);
  return {
    answer: refusal?.text ?? text(isKept ? 'probe.kept' : 'probe.notKept'),
    follows: text('probe.canBeUsed'),
    ok: refusal === undefined && isKept,
    abilities: [
      { name: 'nodes', verdict: 'yes', said: 'mayCreate' },
      published instanceof StanzaError
        ? { name: 'qos', verdict: 'no', said: 'worksNot' }
        : { name: 'qos', verdict: 'yes', said: 'upTo', params: { qos: 1 } },
      { name: 'retained', verdict: isKept ? 'yes' : 'no', said: isKept ? 'works' : 'worksNot' },
    ],
  };
}

/** A refusal is an answer. */
function refusable(answer: Promise<Element>): Promise<Element | StanzaError> {
  return answer.catch((error: unknown) => {
    if (error instanceof StanzaError) return error;
    throw error;
  });
}

const CODES = ['login', 'tls', 'unencrypted', 'timeout', 'network'] as const;

function linkError(error: unknown): LinkError {
  if (error instanceof LinkError) return error;
  const code = error instanceof XmppError ? CODES.find((known) => known === error.code) : undefined;
  return new LinkError(code ?? 'refused', textOf(error), false, { cause: error });
}
