/** Questions of a connection test to an MQTT server, one function each. */
import { text } from '../../base/catalogue';
import type { Text } from '../../base/text';
import type { MqttVersion, QoS } from '../../servers/types';
import { LinkError } from '../errors';
import { reasonText } from '../mqtt/reasons';
import type { Ability, AbilityName } from './abilities';
import { type Probe, type ProbeTopics, type QuestionResult, VERSIONS } from './probe';
import type { ProbeClient } from './probe-client';

/** Lowest reason code that is a refusal. */
const REFUSED = 128;
/** Time for the CONNACK of a version that is only asked about, in milliseconds. */
const VERSION_TIMEOUT = 4_000;

/**
 * Tests on the first connection if a message comes back at all, and at which QoS the server does its duty.
 * @throws LinkError if the server does not confirm the subscription: then nothing else can be tried either.
 */
export async function probeQos(probe: Probe, line: ProbeClient): Promise<void> {
  const { signal } = probe;
  const place = probe.place();
  await probe.ask(text('probe.askQos'), async () => {
    const granted = await line.subscribe(place.topic, 2);
    signal.throwIfAborted();
    if (granted === undefined) throw notConfirmed(probe, line);
    if (granted >= REFUSED) return denied('qos', granted);
    await line.subscribe(place.marker, 0);
    const most = Math.min(granted, line.connack.properties?.maximumQoS ?? 2);
    let best: QoS | undefined;
    for (const qos of [0, 1, 2] as const) {
      if (qos > most) break;
      const works = await comesBack(line, place, qos);
      signal.throwIfAborted();
      if (!works) break;
      best = qos;
    }
    if (best === undefined) {
      return {
        answer: text('probe.qosNothing'),
        follows: text('probe.qosRights'),
        ability: { name: 'qos', verdict: 'unknown', said: 'nothingBack' },
      };
    }
    return {
      answer: qosText(best, granted),
      follows: best === 2 ? text('probe.qosAny') : text('probe.qosMost', { qos: best }),
      ability: { name: 'qos', verdict: best === 2 ? 'yes' : 'limited', said: 'upTo', params: { qos: best } },
    };
  });
}

function qosText(best: QoS, granted: number): Text {
  if (best === 2) return text('probe.qosAll');
  return granted === best
    ? text('probe.qosGranted', { qos: best })
    : text('probe.qosWorks', { qos: best, next: best + 1 });
}

/** True if a message is acknowledged as its QoS requires, and comes back. */
async function comesBack(line: ProbeClient, place: ProbeTopics, qos: QoS): Promise<boolean> {
  const payload = place.payload.replace(/"$/, ` ${qos}"`);
  const acknowledged = line.publish(place.topic, payload, qos);
  const done = (): boolean => acknowledged() && line.messages.some((message) => message.payload === payload);
  const marker = { topic: place.marker, payload: place.markerPayload.replace(/"$/, ` ${qos}"`) };
  return (await line.before(done, marker)) === true;
}

/** Asks if the server accepts a client without the login that was used. */
export function probeLogin(probe: Probe): Promise<void> {
  const { login, server } = probe;
  const user = login.username;
  if (user === undefined || server.plan.mqtt?.login === 'none') {
    const said = server.plan.serverType === 'prosody' ? 'openBridge' : 'open';
    probe.listener.ability({ name: 'login', verdict: 'no', said });
    return Promise.resolve();
  }
  return probe.ask(text('probe.askLogin'), async () => {
    const row = { name: 'login', params: { user } } as const;
    try {
      const line = await probe.open({ username: undefined, password: undefined });
      await line.end();
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      return {
        answer: error.text,
        follows: text('probe.protected'),
        ability: { ...row, verdict: 'yes', said: 'needed' },
      };
    }
    return {
      answer: text('probe.connected'),
      follows: text('probe.openToAll'),
      ability: { ...row, verdict: 'warning', said: 'openToo' },
    };
  });
}

/**
 * Asks which of MQTT 5, 3.1.1 and 3.1 the server takes; never more than one connection each. Prosody's bridge lets some of
 * them wait for ever.
 */
export function probeVersions(probe: Probe): Promise<void> {
  // The resolution has already found that MQTT 5 is refused.
  const isKnown = probe.server.plan.mqtt?.version === 4;
  const others = ([5, 4, 3] as const).filter((one) => one !== probe.version && !(isKnown && one === 5));
  const [one, two] = others.map((version) => VERSIONS[version]);
  const asked =
    two === undefined
      ? text('probe.askVersion', { one: one ?? '' })
      : text('probe.askVersions', { one: one ?? '', two });
  return probe.ask(asked, async () => {
    const taken: MqttVersion[] = [probe.version];
    const answers = await Promise.all(others.map((version) => isTaken(probe, version)));
    taken.push(...others.filter((_, index) => answers[index]));
    const names = taken.sort((a, b) => b - a).map((version) => VERSIONS[version]);
    return {
      answer: text('probe.takes', { versions: names.join(', ') }),
      follows: text('probe.spoken', { version: VERSIONS[probe.version] }),
      ability: {
        name: 'versions',
        verdict: taken.includes(5) ? 'yes' : 'limited',
        said: 'versions',
        params: { versions: names.join(', ') },
      },
    };
  });
}

async function isTaken(probe: Probe, version: MqttVersion): Promise<boolean> {
  try {
    const line = await probe.open({ version, connectTimeout: VERSION_TIMEOUT });
    await line.end();
    // A server that does not look at the version answers MQTT 5 without a list of properties.
    return version !== 5 || line.connack.properties !== undefined;
  } catch (error) {
    if (error instanceof LinkError) return false;
    throw error;
  }
}

/** Publishes a retained message, subscribes behind it, and clears it again. */
export function probeRetained(probe: Probe): Promise<void> {
  return probe.ask(text('probe.askRetained'), () =>
    onLine(probe, 'retained', async (line, place) => {
      try {
        line.publish(place.topic, place.payload, 0, true);
        await line.subscribe(place.marker, 0);
        const code = await line.subscribe(place.topic, 0);
        if (code === undefined || code >= REFUSED) return denied('retained', code);
        const kept = (): boolean =>
          line.messages.some(({ payload, retain }) => retain && payload === place.payload);
        const seen = await line.before(kept, { topic: place.marker, payload: place.markerPayload });
        if (seen === undefined) return nothingBack('retained');
        return yesOrNo('retained', seen, [text('probe.kept'), text('probe.notKept')]);
      } finally {
        // Without retained messages an empty payload would be one more item.
        if (probe.profile.capabilities.retain) line.publish(place.topic, '', 0, true);
      }
    }),
  );
}

/** Subscribes with `+` and `#` in one filter. */
export function probeWildcards(probe: Probe): Promise<void> {
  return probe.ask(text('probe.askWildcards'), () =>
    onLine(probe, 'wildcards', async (line, place) => {
      await line.subscribe(place.marker, 0);
      const code = await line.subscribe(place.filter, 0);
      if (code === undefined || code >= REFUSED) return denied('wildcards', code);
      return arrives(line, place, 'wildcards');
    }),
  );
}

/** Subscribes as a group of one (MQTT 5 §4.8.2); some servers hang up for it. */
export function probeShared(probe: Probe, said: boolean | undefined): Promise<void> {
  return probe.ask(text('probe.askShared'), async () => {
    if (said === false) return no('shared', text('probe.saysNone'));
    return onLine(probe, 'shared', async (line, place) => {
      await line.subscribe(place.marker, 0);
      const code = await line.subscribe(`$share/dinox/${place.topic}`, 0);
      if (line.lost) return no('shared', line.lost.text);
      if (code === undefined || code >= REFUSED) {
        return no('shared', code === undefined ? text('probe.noAnswer') : reasonText(code));
      }
      return arrives(line, place, 'shared');
    });
  });
}

async function arrives(line: ProbeClient, place: ProbeTopics, name: AbilityName): Promise<QuestionResult> {
  line.publish(place.topic, place.payload, 0);
  const marker = { topic: place.marker, payload: place.markerPayload };
  const seen = await line.before(
    () => line.messages.some(({ payload }) => payload === place.payload),
    marker,
  );
  if (seen === undefined) return nothingBack(name);
  return yesOrNo(name, seen, [text('probe.came'), text('probe.neverComes')]);
}

/** A connection of its own, so that a server that hangs up over one question leaves the others alone. */
async function onLine(
  probe: Probe,
  name: AbilityName,
  ask: (line: ProbeClient, place: ProbeTopics) => Promise<QuestionResult>,
): Promise<QuestionResult> {
  try {
    const line = await probe.open();
    try {
      return await ask(line, probe.place());
    } finally {
      await line.end();
    }
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    return {
      answer: error.text,
      follows: text('probe.notFoundOut'),
      ability: { name, verdict: 'unknown', said: 'notFoundOut' },
    };
  }
}

function yesOrNo(name: AbilityName, works: boolean, [came, missed]: readonly [Text, Text]): QuestionResult {
  if (!works) return no(name, missed);
  const ability: Ability = { name, verdict: 'yes', said: 'works' };
  return { answer: came, follows: text('probe.canBeUsed'), ability };
}

function no(name: AbilityName, answer: Text): QuestionResult {
  const ability: Ability = { name, verdict: 'no', said: 'worksNot' };
  return { answer, follows: text('probe.cannotBeUsed'), ability };
}

function nothingBack(name: AbilityName): QuestionResult {
  return {
    answer: text('probe.nothingBack'),
    follows: text('probe.notFoundOut'),
    ability: { name, verdict: 'unknown', said: 'nothingBack' },
  };
}

function denied(name: AbilityName, code: number | undefined): QuestionResult {
  const reason = code === undefined ? text('probe.noAnswer') : reasonText(code);
  return {
    answer: text('probe.denied', { reason }),
    follows: text('probe.othersAllowed'),
    ability: { name, verdict: 'unknown', said: 'denied' },
  };
}

function notConfirmed(probe: Probe, line: ProbeClient): LinkError {
  if (line.lost) return line.lost;
  return new LinkError(
    'timeout',
    text('mqtt.unconfirmed', { where: probe.where, advice: text(probe.profile.subackHint) }),
  );
}
