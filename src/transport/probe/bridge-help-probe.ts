import { text } from '../../base/catalogue';
import { textOf } from '../../base/coded-error';
import { splitBridgeTopic } from '../../servers/profiles/prosody';
import { itemsOf, nodesOf } from '../../xmpp/pubsub/answers';
import { PubsubRequests } from '../../xmpp/pubsub/requests';
import { type LoggedIn, withLogin } from '../../xmpp/stream/login';
import type { AbilityName } from './abilities';
import type { Probe, QuestionResult } from './probe';

/** Login, and every answer of the service, within so many milliseconds. */
const TIMEOUT = 10_000;
const MAX_NODES = 20_000;

/**
 * Tries what the account's XMPP session gives to Prosody's bridge: the node that the test has just published to is in
 * the list, and keeps its item.
 */
export async function probeBridgeHelp(probe: Probe, service: string): Promise<void> {
  const { plan, question, secrets, tls } = probe.server;
  const { xmpp } = plan;
  const { jid } = question;
  const node = splitBridgeTopic(probe.place().topic, service)?.node;
  if (!xmpp || !jid || node === undefined) return;
  const request = {
    ...xmpp,
    local: jid.local,
    password: secrets.password ?? '',
    allowUnencrypted: question.allowUnencrypted,
    timeoutMs: TIMEOUT,
  };
  const ask = async (session: LoggedIn): Promise<void> => {
    const requests = new PubsubRequests(session.xml, service, jid.bare);
    await probe.ask(text('probe.askNodes'), () =>
      tried('wildcards', async () => {
        const nodes = nodesOf(await session.ask(requests.nodes(), TIMEOUT), MAX_NODES);
        return found('wildcards', nodes.has(node), text('probe.nodes', { count: nodes.size }));
      }),
    );
    await probe.ask(text('probe.askLastItem', { node }), () =>
      tried('retained', async () => {
        const isKept = itemsOf(await session.ask(requests.lastItems(node, 1), TIMEOUT)).length > 0;
        return found('retained', isKept, text(isKept ? 'probe.kept' : 'probe.notKept'));
      }),
    );
  };
  try {
    await withLogin(request, { tls }, probe.signal, ask);
  } catch (error) {
    probe.signal.throwIfAborted();
    for (const [name, asked] of [
      ['wildcards', text('probe.askWildcards')],
      ['retained', text('probe.askRetained')],
    ] as const)
      await probe.ask(asked, () => tried(name, () => Promise.reject(error)));
  }
}

function found(name: AbilityName, works: boolean, answer: QuestionResult['answer']): QuestionResult {
  return {
    answer,
    follows: text(works ? 'probe.canBeUsed' : 'probe.cannotBeUsed'),
    ability: works ? { name, verdict: 'yes', said: 'besideXmpp' } : { name, verdict: 'no', said: 'worksNot' },
  };
}

async function tried(name: AbilityName, ask: () => Promise<QuestionResult>): Promise<QuestionResult> {
  try {
    return await ask();
  } catch (error) {
    return { ...found(name, false, textOf(error)) };
  }
}
