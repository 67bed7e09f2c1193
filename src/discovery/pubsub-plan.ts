import { text, words } from '../base/catalogue';
import type { Context } from './context';
import { ResolveError } from './errors';
import { loginMissed } from './failures';
import type { XmppFound, XmppMissed } from './find-xmpp';
import { StepGroup } from './step-log';
import type { Plan, TransportReason } from './types';

/**
 * The plan to carry messages over XMPP PubSub: the typed service, else the one that the account's server lists.
 * @param transport the reason, if nobody chose PubSub
 * @throws ResolveError if the account cannot log in, or there is no service
 */
export function pubsubPlan(
  context: Context,
  xmpp: XmppFound | XmppMissed,
  transport?: TransportReason,
): Plan {
  const { question, recorder, notices, lookups } = context;
  if (!('answer' in xmpp)) throw loginMissed(context, xmpp);
  const { software, services } = xmpp.answer;
  const domain = question.jid?.domain ?? '';
  const service = question.pubsubService ?? services.pubsub;
  recorder.add(StepGroup.Decision, {
    asked: text('discovery.pubsubFor', { jid: question.jid?.bare ?? '' }),
    answer: service === undefined ? text('discovery.noPubsub') : words(service),
    follows:
      service === undefined
        ? text('discovery.enablePubsubOnly', { pubsub: `pubsub.${domain}` })
        : text('discovery.overPubsub'),
    ok: service !== undefined,
  });
  if (service === undefined) {
    const why = text('discovery.noPubsubAt', { domain, pubsub: `pubsub.${domain}` });
    throw new ResolveError('transport-pubsub', why, recorder.steps(), notices);
  }
  return {
    serverType: xmpp.serverType ?? (question.serverType === 'auto' ? 'prosody' : question.serverType),
    ...(software !== undefined && { software, accountSoftware: software }),
    pubsub: { service },
    ...(transport && { transport }),
    xmpp: { ...xmpp.endpoint, domain },
    services: { ...services, pubsub: service },
    steps: recorder.steps(),
    notices,
    at: new Date(lookups.now()).toISOString(),
  };
}
