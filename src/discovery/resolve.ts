import { text } from '../base/catalogue';
import { foundCandidates, typedCandidates } from './candidates';
import { choose } from './choose';
import { chooseTransport } from './choose-transport';
import type { Context } from './context';
import { ResolveError } from './errors';
import { noMqttServer, typedHostFailed } from './failures';
import { probeAll } from './find-mqtt';
import { findXmppTargets, logIn, type XmppFound, type XmppMissed } from './find-xmpp';
import type { Lookups, ResolveOptions } from './lookups';
import type { Outcome } from './outcome';
import { planFor, planWithoutAccount } from './plan';
import { pubsubPlan } from './pubsub-plan';
import { StepGroup, StepLog } from './step-log';
import type { Plan, Question, Secrets } from './types';

const TIMEOUT_MS = 15_000;
/** Units of the whole time, in which budgets are given. */
const UNITS = 15;

/**
 * Finds the broker for the typed fields and the login there, with the reasons.
 *
 * Typed fields win; then XMPP login and discovery, SRV records for MQTT, the XMPP host, the domain itself, and
 * a probe over MQTT without any login. A host that only DNS or a server named must prove by its certificate that
 * it belongs to the account's domain. The password is used for one XMPP login and nothing else.
 *
 * @returns a plan without `mqtt` if the account's server accepts the login and offers no MQTT.
 * @throws ResolveError, and nothing else unless a look-up breaks its promise.
 */
export async function resolve(
  question: Question,
  secrets: Secrets,
  lookups: Lookups,
  options: ResolveOptions = {},
): Promise<Plan> {
  const { signal, onStep, timeoutMs = TIMEOUT_MS } = options;
  const controller = new AbortController();
  const cancel = () => controller.abort();
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  const stopTimer = lookups.after(timeoutMs, cancel);
  const context: Context = {
    question,
    secrets,
    lookups,
    recorder: new StepLog(lookups, onStep),
    notices: [],
    signal: controller.signal,
    unit: timeoutMs / UNITS,
  };
  try {
    check(context);
    if (!question.jid) return await withoutAccount(context);
    if (question.transport === 'pubsub') return await overPubsub(context);
    return await (question.host === undefined
      ? fromAccount(context)
      : withTypedHost(context, options.withXmpp ?? false));
  } catch (error) {
    if (error instanceof ResolveError) throw error;
    const steps = context.recorder.steps();
    if (signal?.aborted) throw new ResolveError('cancelled', text('discovery.cancelled'), steps);
    if (!controller.signal.aborted) throw error;
    const why = text('discovery.nothingWithin', { seconds: timeoutMs / 1_000 });
    throw new ResolveError('timeout', why, steps, context.notices);
  } finally {
    stopTimer();
    signal?.removeEventListener('abort', cancel);
    // A login or a probe that is no longer waited for ends here.
    controller.abort();
  }
}

function check({ question, secrets, signal }: Context): void {
  signal.throwIfAborted();
  if (question.transport === 'pubsub' && !question.jid) {
    throw new ResolveError('config', text('discovery.pubsubNeedsJid'));
  }
  if (!question.jid && question.host === undefined) {
    throw new ResolveError('config', text('discovery.typeEither'));
  }
  if (question.jid?.local === '') {
    const { bare: jid, domain } = question.jid;
    throw new ResolveError('config', text('discovery.isServerJid', { jid, example: `anna@${domain}` }));
  }
  const needsXmpp = question.host === undefined || question.transport === 'pubsub';
  if (question.jid && needsXmpp && (secrets.password ?? '') === '') {
    throw new ResolveError('password-missing', text('discovery.typePassword', { jid: question.jid.bare }));
  }
}

/** Plan for a plain MQTT broker: at once, unless the broker has to be asked for TLS. */
async function withoutAccount(context: Context): Promise<Plan> {
  const candidates = typedCandidates(context);
  if (candidates.length === 1) return planWithoutAccount(context, candidates, []);
  return planWithoutAccount(context, candidates, await probeAll(context, candidates));
}

/** Messages go over the account's own session: its login is all that has to be found. */
async function overPubsub(context: Context): Promise<Plan> {
  return pubsubPlan(context, await logIn(context, await findXmppTargets(context)));
}

async function fromAccount(context: Context): Promise<Plan> {
  const targets = findXmppTargets(context);
  const probing = (async () => probeAll(context, await foundCandidates(context, targets)))();
  // A refused password ends everything; open questions then end with the signal.
  probing.catch(() => {});
  const xmpp = await logIn(context, await targets);
  return finish(context, xmpp, await probing);
}

async function withTypedHost(context: Context, withXmpp: boolean): Promise<Plan> {
  const outcomes = await probeAll(context, typedCandidates(context));
  if (!withXmpp && !needsXmpp(context, outcomes)) return finish(context, undefined, outcomes);
  if ((context.secrets.password ?? '') !== '') {
    // A broker with a login of its own, or with none, does not depend on the account's.
    const choice = choose(outcomes, context.question, context.secrets, undefined);
    const isNeeded = choice === undefined || choice.login === 'account';
    return finish(context, await logIn(context, await findXmppTargets(context), isNeeded), outcomes);
  }
  const answer = text('discovery.noPassword');
  context.recorder.add(StepGroup.Xmpp, {
    asked: text('discovery.xmppLogin', { jid: context.question.jid?.bare ?? '' }),
    answer,
    follows: text('discovery.withoutXmpp'),
    ok: false,
  });
  const plan = finish(context, undefined, outcomes);
  return { ...plan, chatMissed: { failure: 'password', text: answer } };
}

/** True if XMPP is needed beside a typed host: for the type, and for Prosody's PubSub service. */
function needsXmpp({ question }: Context, outcomes: readonly Outcome[]): boolean {
  const missesPubsub = question.pubsubService === undefined;
  if (question.serverType === 'prosody') return missesPubsub;
  if (question.serverType !== 'auto') return false;
  return !outcomes.some((outcome) => outcome.kind === 'usable' && outcome.answer.mqtt?.guess === 'mosquitto');
}

function finish(context: Context, xmpp: XmppFound | XmppMissed | undefined, outcomes: Outcome[]): Plan {
  const { question, secrets } = context;
  const found = xmpp && 'answer' in xmpp ? xmpp : undefined;
  const transport = chooseTransport(context, found, outcomes);
  if (transport && !transport.mqtt && found) return pubsubPlan(context, found, transport.reason);
  const choice = transport?.mqtt ?? choose(outcomes, question, secrets, found?.serverType);
  if (choice) {
    const plan = { ...planFor(context, found, choice), ...(transport && { transport: transport.reason }) };
    if (!xmpp || 'answer' in xmpp) return plan;
    const { failure, text: why, certificate } = xmpp;
    return { ...plan, chatMissed: { failure, text: why, ...(certificate && { certificate }) } };
  }
  if (question.host !== undefined) throw typedHostFailed(context, outcomes);
  return noMqttServer(context, xmpp as XmppFound | XmppMissed, outcomes);
}
