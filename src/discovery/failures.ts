/** From what was not found to what a person can do about it. */

import type { SeenCertificate } from '../net/tls-fault';
import { endpointText, usesTls } from '../servers/endpoint';
import { enableMqtt } from './advice';
import type { Context } from './context';
import { type ResolveCode, ResolveError } from './errors';
import type { XmppFound, XmppMissed } from './find-xmpp';
import { Phase } from './step-log';
import type { Plan } from './types';
import type { Outcome } from './verdict';

type OutcomeOf<K extends Outcome['kind']> = Extract<Outcome, { kind: K }>;

function first<K extends Outcome['kind']>(outcomes: readonly Outcome[], kind: K): OutcomeOf<K> | undefined {
  return outcomes.find((outcome): outcome is OutcomeOf<K> => outcome.kind === kind);
}

/** What stands in the way of a broker that is there; undefined where there is none. */
function obstacle(context: Context, outcomes: readonly Outcome[]): ResolveError | undefined {
  const { recorder, notices } = context;
  const fail = (code: ResolveCode, text: string, certificate?: SeenCertificate) =>
    new ResolveError(code, text, recorder.steps(), notices, { certificate });
  const certificate = first(outcomes, 'certificate');
  if (certificate) {
    const where = endpointText(certificate.candidate.endpoint);
    const { text = '', certificate: shown } = certificate.answer.tls?.fault ?? {};
    return fail('tls', `${where} answers, but ${text}. ${certificate.advice}`, shown && { where, ...shown });
  }
  const unconfirmed = first(outcomes, 'unconfirmed');
  if (unconfirmed) {
    const { endpoint } = unconfirmed.candidate;
    const shown = unconfirmed.answer.tls?.fault?.certificate;
    return fail(
      'host-unconfirmed',
      `${endpointText(endpoint)} answers, but ${unconfirmed.text}.`,
      shown && { where: endpointText(endpoint), ...shown },
    );
  }
  const handshake = first(outcomes, 'handshake');
  if (handshake) {
    const where = endpointText(handshake.candidate.endpoint);
    return fail(
      'tls',
      `${where} accepts connections but no TLS. Check that this port is the one with TLS on the server.`,
    );
  }
  const clear = first(outcomes, 'clear-text');
  if (clear) {
    const where = endpointText(clear.candidate.endpoint);
    return fail(
      'unencrypted',
      `Only ${where} answers, without TLS, and ${clear.answer.address} is not a local address. Switch TLS on at the server (port 8883), or type host and port and switch TLS off here.`,
    );
  }
  return undefined;
}

/** The typed host cannot be used. */
export function typedHostFailed(context: Context, outcomes: readonly Outcome[]): ResolveError {
  const known = obstacle(context, outcomes);
  if (known) return known;
  const tried = outcomes.map(({ candidate }) => endpointText(candidate.endpoint)).join(' and ');
  const answers = context.recorder
    .steps()
    .filter(({ asked }) => asked.endsWith('without a login'))
    .map(({ answer }) => answer);
  const tls = outcomes.some(({ candidate }) => usesTls(candidate.endpoint));
  return new ResolveError(
    'network',
    `No broker answered at ${tried}: ${[...new Set(answers)].join('; ')}. Check host and port${tls ? ', and whether that port has TLS' : ''}.`,
    context.recorder.steps(),
    context.notices,
  );
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

const ADVICE: Readonly<Record<XmppMissed['failure'], string>> = {
  login: 'Check the JID and the password.',
  policy: 'Wait until the server lets this address in again, and check the password meanwhile.',
  name: 'Check how the domain of the JID is written.',
  'host-unknown': 'Check the domain of the JID.',
  conflict: 'Try again.',
  shutdown: 'Try again in a minute.',
  protocol: 'Check that this is an XMPP server for clients.',
  tls: "Mend the server's certificate, or put its authority into a TLS configuration and choose that.",
  unencrypted: 'Switch TLS on at the server. Only "allow unencrypted" goes on without it.',
  network: 'Check the JID and the network, or type the XMPP service or the host of the broker.',
  timeout: 'Check the JID and the network, or type the XMPP service or the host of the broker.',
};

/**
 * Nothing that belongs to the account can be used.
 * @returns a plan without `mqtt` where the account is known to have none.
 * @throws ResolveError otherwise.
 */
export function noBroker(context: Context, xmpp: XmppFound | XmppMissed, outcomes: readonly Outcome[]): Plan {
  const { question, recorder, notices, lookups } = context;
  const known = obstacle(context, outcomes);
  if (known) throw known;
  const tried = outcomes.map(({ candidate }) => endpointText(candidate.endpoint)).join(', ');
  const noMqtt = tried === '' ? 'DNS says that MQTT is not offered' : `no MQTT broker answered at ${tried}`;
  if (!('answer' in xmpp)) {
    const text = `${xmpp.text.charAt(0).toUpperCase()}${xmpp.text.slice(1)}; and ${noMqtt}. ${ADVICE[xmpp.failure]}`;
    const { certificate } = xmpp;
    // Without a target nobody was asked.
    const code = xmpp.endpoint ? CODES[xmpp.failure] : 'refused';
    throw new ResolveError(code, text, recorder.steps(), notices, { certificate });
  }
  const { software, services } = xmpp.answer;
  const domain = question.jid?.domain ?? '';
  recorder.add(Phase.Decision, {
    asked: `MQTT for ${question.jid?.bare}`,
    answer: noMqtt,
    follows: enableMqtt(xmpp.serverType, domain, services.pubsub),
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
