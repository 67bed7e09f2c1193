import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { plain } from '../../base/printable';
import type { Text } from '../../base/text';
import type { Plan, Question } from '../../discovery/types';
import { checkAddress, guardedLookup } from '../../net/locality';
import { endpointText } from '../../servers/endpoint';
import { profileOf, type ServerProfile } from '../../servers/profiles';
import type { MqttVersion } from '../../servers/types';
import { helpedService } from '../connection/bridge-help';
import { credentialsFor, type Login, passwordGuard } from '../connection/credentials';
import { LinkError } from '../errors';
import type { Ability } from './abilities';
import { probeBridgeHelp } from './bridge-help-probe';
import {
  type Probe,
  type ProbedServer,
  type ProbeListener,
  type ProbeTools,
  type ProbeTopics,
  type QuestionResult,
  VERSIONS,
} from './probe';
import { ProbeClient, type ProbeClientOptions } from './probe-client';
import { probeLogin, probeQos, probeRetained, probeShared, probeVersions, probeWildcards } from './questions';

/** Time for TCP, TLS and CONNACK, in milliseconds. */
const CONNECT_TIMEOUT = 10_000;

/**
 * Connects along a plan and tries the server's abilities: login, versions, QoS, retained messages, wildcards, shared
 * subscriptions. Everything happens below `dinox-nr/probe/`, retained messages are cleared, and no session stays. Only
 * Prosody keeps something: the two PubSub nodes `dinox-nr/probe/test` and `dinox-nr/probe/marker`, always the same.
 *
 * @throws LinkError without a connection or a subscription; the signal's reason if it was cancelled.
 */
export async function probeServer(
  server: ProbedServer,
  tools: ProbeTools,
  listener: ProbeListener,
  signal: AbortSignal,
): Promise<void> {
  const { plan, question } = server;
  const way = plan.mqtt;
  if (!way) throw new LinkError('config', text('mqtt.offersNone'), true);
  const profile = profileOf(plan.serverType);
  const login = credentialsFor(plan, profile, question, server.secrets);
  const guard = passwordGuard(plan, login, question.allowUnencrypted);
  checkAddress(way.endpoint.host, guard);
  const where = endpointText(way.endpoint);
  const openAs = (version: MqttVersion, more: Partial<ProbeClientOptions> = {}): Promise<ProbeClient> =>
    ProbeClient.open(
      tools.mqtt,
      {
        endpoint: way.endpoint,
        servername: way.servername,
        tls: server.tls,
        lookup: guardedLookup(guard),
        version,
        clientId: `dinox-${tools.newId()}`,
        connectTimeout: CONNECT_TIMEOUT,
        ...login,
        ...more,
      },
      tools.clock,
      signal,
    );

  const { line, version } = await connectWithVersion(openAs, versionsFor(plan, profile, question), {
    where,
    login,
    listener,
    clock: tools.clock,
    hint: profile.subackHint,
  });
  const probe: Probe = {
    server,
    profile,
    version,
    login,
    signal,
    listener,
    where,
    open: (more = {}) => openAs(more.version ?? version, more),
    place: () => placeFor(server, profile, tools.newId()),
    ask: (asked, ask) => runQuestion(asked, ask, listener, tools.clock, signal),
  };
  try {
    listener.ability(sizeAbility(version, line.connack.properties?.maximumPacketSize));
    await probeQos(probe, line);
    const helped = helpedService(plan, question, server.secrets);
    await Promise.all([
      probeLogin(probe),
      probeVersions(probe),
      ...(helped === undefined
        ? [probeRetained(probe), probeWildcards(probe)]
        : [probeBridgeHelp(probe, helped)]),
      probeShared(probe, line.connack.properties?.sharedSubscriptionAvailable),
    ]);
    signal.throwIfAborted();
  } finally {
    await line.end();
  }
}

function versionsFor(plan: Plan, profile: ServerProfile, question: Question): MqttVersion[] {
  if (question.protocolVersion !== 'auto') return [question.protocolVersion];
  const known = plan.mqtt?.version;
  return [...new Set([...(known === undefined ? [] : [known]), ...profile.versions])];
}

interface Connecting {
  where: string;
  login: Login;
  listener: ProbeListener;
  clock: Clock;
  hint: string;
}

/** Connects with the first version that the server takes. */
async function connectWithVersion(
  open: (version: MqttVersion) => Promise<ProbeClient>,
  versions: readonly MqttVersion[],
  { where, login, listener, clock }: Connecting,
): Promise<{ line: ProbeClient; version: MqttVersion }> {
  for (const [index, version] of versions.entries()) {
    const started = clock.steady();
    const way = { version: VERSIONS[version], where };
    const tell = (answer: Text, follows: Text, ok: boolean): void =>
      listener.step({
        asked:
          login.username === undefined
            ? text('probe.tryOpen', way)
            : text('probe.tryAs', { ...way, user: plain(login.username) }),
        answer,
        follows,
        ok,
        ms: Math.round(clock.steady() - started),
      });
    try {
      const line = await open(version);
      tell(text('probe.connected'), text('probe.tryAbilities'), true);
      return { line, version };
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      const next = versions[index + 1];
      const mayBeTheVersion = error.code === 'version' || (version === 5 && error.code === 'closed');
      if (next !== undefined && mayBeTheVersion) {
        tell(error.text, text('probe.tryVersion', { version: VERSIONS[next] }), false);
        continue;
      }
      tell(error.text, text('discovery.stop'), false);
      throw error;
    }
  }
  throw new LinkError('version', text('mqtt.noVersion', { where }));
}

function placeFor(server: ProbedServer, profile: ServerProfile, id: string): ProbeTopics {
  const { question, plan, payloadType } = server;
  const mapping = profile.mapping({
    pubsubService: question.pubsubService ?? plan.services.pubsub,
    payloadType,
  });
  // Prosody makes a node of every topic and keeps it: there the same two serve for ever.
  const base = profile.type === 'prosody' ? 'dinox-nr/probe' : `dinox-nr/probe/${id}`;
  const wire = (name: string): string => mapping.toWire(`${base}/${name}`);
  const topic = wire('test');
  return {
    topic,
    marker: wire('marker'),
    // `+` for `test` would match the marker too: so it stands one level higher, and `#` for what follows.
    filter: topic.replace(/[^/]+\/test$/, '+/test/#'),
    // JSON, which every payload type of Prosody's takes.
    payload: JSON.stringify(`dinox ${id}`),
    markerPayload: JSON.stringify(`dinox ${id} end`),
  };
}

function sizeAbility(version: MqttVersion, bytes: number | undefined): Ability {
  if (version !== 5) return { name: 'size', verdict: 'unknown', said: 'cannotSay' };
  return bytes
    ? { name: 'size', verdict: 'yes', said: 'bytes', params: { bytes } }
    : { name: 'size', verdict: 'yes', said: 'noLimit' };
}

async function runQuestion(
  asked: Text,
  ask: () => Promise<QuestionResult>,
  { step, ability }: ProbeListener,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const started = clock.steady();
  const found = await ask();
  signal.throwIfAborted();
  const ok = found.ability.verdict !== 'no' && found.ability.verdict !== 'unknown';
  step({ asked, answer: found.answer, follows: found.follows, ok, ms: Math.round(clock.steady() - started) });
  ability(found.ability);
}
