/** Chooses between MQTT and XMPP PubSub where nobody did: for an account on Prosody. */

import { type TextKey, text } from '../base/catalogue';
import type { Text } from '../base/text';
import { isLocalAddress } from '../net/locality';
import { endpointText } from '../servers/endpoint';
import { type Choice, choose, serverTypeOf } from './choose';
import type { Context } from './context';
import type { XmppFound } from './find-xmpp';
import type { Outcome } from './outcome';
import { StepGroup } from './step-log';
import type { Notice, TransportReason } from './types';

const ANSWERS: Readonly<Record<TransportReason['why'], TextKey>> = {
  local: 'discovery.bridgeLocal',
  remote: 'discovery.bridgeRemote',
  unconfirmed: 'discovery.bridgeUnconfirmed',
  untrusted: 'discovery.bridgeUntrusted',
  absent: 'discovery.bridgeAbsent',
};

/** The reason as a clause. */
export function transportText(reason: TransportReason): Text {
  const { why, ...place } = reason;
  return text(ANSWERS[why], place);
}

/** Notice: messages go over PubSub although there is a bridge, or was one. */
function overPubsubNotice(code: string, reason: TransportReason): Notice {
  return { level: 'warning', code, text: text('discovery.noteOverPubsub', { text: transportText(reason) }) };
}

export interface TransportChoice {
  reason: TransportReason;
  /** The MQTT broker; absent if messages go over PubSub. */
  mqtt?: Choice;
}

/**
 * Prosody's MQTT bridge has no login: whoever reaches it may read and write. So it is taken only at a local address,
 * and if it confirms a SUBSCRIBE; PubSub, which has a login, is taken otherwise.
 * @returns undefined if there is nothing to choose: another server, a typed host or transport, no PubSub service
 */
export function chooseTransport(
  context: Context,
  xmpp: XmppFound | undefined,
  outcomes: readonly Outcome[],
): TransportChoice | undefined {
  const { question, secrets } = context;
  if (question.transport !== 'auto' || question.host !== undefined || !xmpp) return undefined;
  if ((question.pubsubService ?? xmpp.answer.services.pubsub) === undefined) return undefined;
  const account = question.serverType === 'auto' ? xmpp.serverType : question.serverType;
  if (account !== 'prosody') return undefined;

  const doubts = new Map(outcomes.map((outcome) => [outcome, doubtOf(context, xmpp, outcome)]));
  const trusted = outcomes.filter((outcome) => doubts.get(outcome) === undefined);
  const mqtt = choose(trusted, question, secrets, xmpp.serverType);
  // A broker of its own beside Prosody is no matter of the transport.
  if (mqtt && mqtt.serverType !== 'prosody') return undefined;
  const reason = mqtt ? localBridge(mqtt) : [...doubts.values()].find((doubt) => doubt !== undefined);
  // DNS names a broker that is away, or does not prove itself: its topics are not those of PubSub.
  if (!reason && outcomes.some(({ candidate }) => candidate.group === 'srv')) return undefined;
  if (reason?.why === 'untrusted') context.notices.push(overPubsubNotice('bridge-untrusted', reason));
  const choice: TransportChoice = { reason: reason ?? { why: 'absent' }, ...(mqtt && { mqtt }) };
  context.recorder.add(StepGroup.Decision, {
    asked: text('discovery.whichTransport'),
    answer: transportText(choice.reason),
    follows: text(mqtt ? 'discovery.overMqtt' : 'discovery.overPubsub'),
    ok: true,
  });
  return choice;
}

function localBridge({ chosen: { candidate, answer } }: Choice): TransportReason {
  return { why: 'local', where: endpointText(candidate.endpoint), address: answer.address };
}

/** The objection to a bridge that answered; undefined if there is none, or it is no bridge. */
function doubtOf({ question }: Context, xmpp: XmppFound, outcome: Outcome): TransportReason | undefined {
  if (outcome.kind !== 'usable' && outcome.kind !== 'clear-text' && outcome.kind !== 'certificate')
    return undefined;
  const { candidate, answer } = outcome;
  if (serverTypeOf({ ...outcome, kind: 'usable' }, question, xmpp.serverType) !== 'prosody') return undefined;
  const place = { where: endpointText(candidate.endpoint), address: answer.address };
  if (!isLocalAddress(answer.address)) return { why: 'remote', ...place };
  if (outcome.kind === 'certificate')
    return candidate.group === 'srv' ? undefined : { why: 'untrusted', ...place };
  return answer.mqtt?.subscribes ? undefined : { why: 'unconfirmed', ...place };
}
