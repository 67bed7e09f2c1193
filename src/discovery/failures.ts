/** Turns a failed resolution into advice for a person. */

import { text } from '../base/catalogue';
import type { Text } from '../base/text';
import type { UntrustedCertificate } from '../net/tls-fault';
import { endpointText, usesTls } from '../servers/endpoint';
import { enableMqtt } from './advice';
import type { Context } from './context';
import { type ResolveCode, ResolveError } from './errors';
import type { XmppFound, XmppMissed } from './find-xmpp';
import type { Outcome } from './outcome';
import { StepGroup } from './step-log';
import type { Plan } from './types';

type OutcomeOf<K extends Outcome['kind']> = Extract<Outcome, { kind: K }>;

function first<K extends Outcome['kind']>(outcomes: readonly Outcome[], kind: K): OutcomeOf<K> | undefined {
  return outcomes.find((outcome): outcome is OutcomeOf<K> => outcome.kind === kind);
}

/** The reason why a broker that answers cannot be used; undefined if there is none. */
function obstacle(context: Context, outcomes: readonly Outcome[]): ResolveError | undefined {
  const { recorder, notices } = context;
  const fail = (code: ResolveCode, why: Text, certificate?: UntrustedCertificate) =>
    new ResolveError(code, why, recorder.steps(), notices, { certificate });
  const certificate = first(outcomes, 'certificate');
  if (certificate) {
    const where = endpointText(certificate.candidate.endpoint);
    const { fault, advice } = certificate;
    const why = text('discovery.answersBut', { where, text: fault.text, advice });
    return fail('tls', why, fault.certificate && { where, ...fault.certificate });
  }
  const unconfirmed = first(outcomes, 'unconfirmed');
  if (unconfirmed) {
    const where = endpointText(unconfirmed.candidate.endpoint);
    const shown = unconfirmed.answer.tls?.fault?.certificate;
    const why = text('discovery.answersOnly', { where, text: unconfirmed.text });
    return fail('host-unconfirmed', why, shown && { where, ...shown });
  }
  const handshake = first(outcomes, 'handshake');
  if (handshake) {
    const where = endpointText(handshake.candidate.endpoint);
    return fail('tls', text('discovery.noTlsThere', { where }));
  }
  const clear = first(outcomes, 'clear-text');
  if (clear) {
    const where = endpointText(clear.candidate.endpoint);
    return fail('unencrypted', text('discovery.onlyClear', { where, address: clear.answer.address }));
  }
  return undefined;
}

/** The error for a typed host that cannot be used. */
export function typedHostFailed(context: Context, outcomes: readonly Outcome[]): ResolveError {
  const known = obstacle(context, outcomes);
  if (known) return known;
  const [one = '', two] = outcomes.map(({ candidate }) => endpointText(candidate.endpoint));
  const hosts = two === undefined ? one : text('discovery.two', { one, two });
  const answers = unique(context.recorder.steps(StepGroup.Probe).map(({ answer }) => answer));
  const why = outcomes.some(({ candidate }) => usesTls(candidate.endpoint))
    ? text('discovery.noneTls', { hosts, answers })
    : text('discovery.none', { hosts, answers });
  return new ResolveError('network', why, context.recorder.steps(), context.notices);
}

const CODES: Readonly<Record<XmppMissed['failure'], ResolveCode>> = {
  login: 'login',
  policy: 'refused',
  name: 'no-domain',
  'host-unknown': 'wrong-domain',
  conflict: 'refused',
  shutdown: 'refused',
  protocol: 'refused',
  tls: 'tls',
  unencrypted: 'unencrypted',
  network: 'network',
  timeout: 'timeout',
};

const ADVICE: Readonly<Record<XmppMissed['failure'], Text>> = {
  login: text('discovery.doLogin'),
  policy: text('discovery.doPolicy'),
  name: text('discovery.doSpelling'),
  'host-unknown': text('discovery.doDomain'),
  conflict: text('discovery.doAgain'),
  shutdown: text('discovery.doLater'),
  protocol: text('discovery.doClient'),
  tls: text('discovery.doCertificate'),
  unencrypted: text('discovery.doTls'),
  network: text('discovery.doNetwork'),
  timeout: text('discovery.doNetwork'),
};

/** The error for an account that could not log in, where everything depends on that. */
export function loginMissed({ recorder, notices }: Context, missed: XmppMissed): ResolveError {
  const why = text('any.both', { text: missed.text, advice: ADVICE[missed.failure] });
  // Nobody was asked without a target.
  const code = missed.endpoint ? CODES[missed.failure] : 'refused';
  return new ResolveError(code, why, recorder.steps(), notices, { certificate: missed.certificate });
}

/**
 * Handles an account with no usable broker.
 * @returns a plan without `mqtt` if the account is known to have none.
 * @throws ResolveError otherwise.
 */
export function noMqttServer(
  context: Context,
  xmpp: XmppFound | XmppMissed,
  outcomes: readonly Outcome[],
): Plan {
  const { question, recorder, notices, lookups } = context;
  const known = obstacle(context, outcomes);
  if (known) throw known;
  const tried = outcomes.map(({ candidate }) => endpointText(candidate.endpoint)).join(', ');
  const noMqtt = tried === '' ? text('discovery.dnsNoMqtt') : text('discovery.noBrokerAt', { where: tried });
  if (!('answer' in xmpp)) {
    const { certificate } = xmpp;
    const why = text('discovery.neither', { text: xmpp.text, reason: noMqtt, advice: ADVICE[xmpp.failure] });
    // Nobody was asked without a target.
    const code = xmpp.endpoint ? CODES[xmpp.failure] : 'refused';
    throw new ResolveError(code, why, recorder.steps(), notices, { certificate });
  }
  const { software, services } = xmpp.answer;
  const domain = question.jid?.domain ?? '';
  recorder.add(StepGroup.Decision, {
    asked: text('discovery.mqttFor', { jid: question.jid?.bare ?? '' }),
    answer: noMqtt,
    follows: enableMqtt(xmpp.serverType, question.jid, services.pubsub),
    ok: false,
  });
  return {
    serverType: question.serverType === 'auto' ? (xmpp.serverType ?? 'mosquitto') : question.serverType,
    ...(software !== undefined && { software, accountSoftware: software }),
    xmpp: { ...xmpp.endpoint, domain },
    services:
      question.pubsubService === undefined ? services : { ...services, pubsub: question.pubsubService },
    steps: recorder.steps(),
    notices,
    at: new Date(lookups.now()).toISOString(),
  };
}

function unique(texts: readonly Text[]): Text[] {
  return [...new Map(texts.map((one) => [JSON.stringify(one), one])).values()];
}
