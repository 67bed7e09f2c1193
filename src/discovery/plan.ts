/** Turns the findings into the plan. */

import { text, words } from '../base/catalogue';
import type { Text } from '../base/text';
import { endpointText } from '../servers/endpoint';
import type { MqttVersion, ServerType } from '../servers/types';
import type { Candidate } from './candidates';
import { type Choice, choose, isClearTextRisk, loginKindFor } from './choose';
import type { Context } from './context';
import { ResolveError } from './errors';
import type { XmppFound } from './find-xmpp';
import { lineNotices } from './notices';
import type { Outcome } from './outcome';
import { StepGroup } from './step-log';
import type { LoginKind, Plan } from './types';

const LOGINS: Readonly<Record<LoginKind, Text>> = {
  account: text('discovery.loginAccount'),
  typed: text('discovery.loginTyped'),
  none: text('discovery.loginNone'),
};

/** @throws ResolveError `password-missing`, `unencrypted` */
export function planFor(context: Context, xmpp: XmppFound | undefined, choice: Choice): Plan {
  const { question, secrets, lookups, recorder, notices } = context;
  const { chosen, serverType, login } = choice;
  const { endpoint, fallback } = chosen.candidate;
  const { address, tls, mqtt } = chosen.answer;
  const where = endpointText(endpoint);
  if (login === 'account' && (secrets.password ?? '') === '') {
    throw new ResolveError(
      'password-missing',
      text('discovery.asksLogin', { where, type: serverType, jid: question.jid?.bare ?? '' }),
      recorder.steps(),
    );
  }
  if (isClearTextRisk(choice) && !question.allowUnencrypted) {
    throw new ResolveError(
      'unencrypted',
      text('discovery.wouldGoClear', { where, address }),
      recorder.steps(),
      notices,
    );
  }
  const { reason, others } = choice;
  recorder.add(StepGroup.Decision, {
    asked: text('discovery.decision'),
    answer:
      others.length === 0
        ? text('discovery.chosen', { server: serverType, where, reason })
        : text('discovery.chosenAlso', { server: serverType, where, reason, others: others.join(', ') }),
    follows: LOGINS[login],
    ok: true,
  });
  if (tls && !tls.fault && tls.pinned) {
    notices.push({
      level: 'info',
      code: 'mqtt-pinned',
      text: text('discovery.notePinned', { where }),
    });
  }
  notices.push(...lineNotices({ endpoint, address, serverType, login, verify: lookups.verify, fallback }));
  const services = servicesFor(context, xmpp, serverType);
  const version = versionFor(serverType, mqtt?.version);
  return {
    serverType,
    ...softwareOf(xmpp, serverType),
    mqtt: {
      endpoint,
      servername: tls?.servername ?? chosen.candidate.servernames[0] ?? endpoint.host,
      ...(version !== undefined && { version }),
      login,
    },
    ...(xmpp && { xmpp: { ...xmpp.endpoint, domain: question.jid?.domain ?? '' } }),
    services,
    steps: recorder.steps(),
    notices,
    at: new Date(lookups.now()).toISOString(),
  };
}

/** Software as the account's server names it; for the broker too if both are of the same type. */
function softwareOf(
  xmpp: XmppFound | undefined,
  serverType: ServerType,
): Pick<Plan, 'software' | 'accountSoftware'> {
  const software = xmpp?.answer.software;
  if (software === undefined) return {};
  return xmpp?.serverType === serverType
    ? { software, accountSoftware: software }
    : { accountSoftware: software };
}

/** The MQTT version that worked; a refused login says nothing about the versions of a broker that is open to v5. */
function versionFor(serverType: ServerType, probed: 4 | 5 | undefined): MqttVersion | undefined {
  return serverType === 'prosody' ? 4 : probed;
}

function servicesFor(
  context: Context,
  xmpp: XmppFound | undefined,
  serverType: ServerType,
): Plan['services'] {
  const { question, notices } = context;
  const services = { ...xmpp?.answer.services };
  if (question.pubsubService !== undefined) services.pubsub = question.pubsubService;
  if (serverType === 'prosody' && services.pubsub === undefined && question.jid) {
    services.pubsub = `pubsub.${question.jid.domain}`;
    notices.push({
      level: 'info',
      code: 'pubsub-assumed',
      text: text('discovery.notePubsub', { service: services.pubsub }),
    });
  }
  return services;
}

/**
 * The plan for a plain MQTT broker: no DNS beyond the connection's own, no XMPP, and no failure. If nothing answered,
 * the plan is the first endpoint, and the connection will say why it cannot be made.
 * @param outcomes empty if there is nothing to find out.
 */
export function planWithoutAccount(context: Context, candidates: Candidate[], outcomes: Outcome[]): Plan {
  const { question, secrets, lookups, recorder } = context;
  const choice = choose(outcomes, question, secrets, undefined);
  if (choice) {
    // Without an account the type is not guessed at: a flow from core's nodes means a broker like any other.
    const serverType = question.serverType === 'auto' ? 'mosquitto' : question.serverType;
    const login = loginKindFor(serverType, question, secrets, true);
    if (!isClearTextRisk({ ...choice, login }))
      return planFor(context, undefined, { ...choice, serverType, login });
  }
  const [first] = candidates;
  if (!first) throw new ResolveError('config', text('discovery.typeBroker'));
  const serverType = question.serverType === 'auto' ? 'mosquitto' : question.serverType;
  const login = loginKindFor(serverType, question, secrets, true);
  recorder.add(StepGroup.Typed, {
    asked: text('discovery.typed'),
    answer: words(endpointText(first.endpoint)),
    follows: LOGINS[login],
    ok: true,
  });
  const version = versionFor(serverType, undefined);
  return {
    serverType,
    mqtt: {
      endpoint: first.endpoint,
      servername: first.servernames[0] ?? first.endpoint.host,
      ...(version !== undefined && { version }),
      login,
    },
    services: question.pubsubService === undefined ? {} : { pubsub: question.pubsubService },
    steps: recorder.steps(),
    notices: [],
    at: new Date(lookups.now()).toISOString(),
  };
}
