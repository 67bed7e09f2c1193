/** What a connection test asks an MQTT server, one function each. */
import type { MqttVersion, QoS } from '../../servers/types';
import { LinkError } from '../errors';
import { reasonText } from '../mqtt/reasons';
import type { Ability, AbilityName } from './abilities';
import { type Answer, type Place, type Probe, VERSIONS } from './probe';
import type { ProbeClient } from './probe-client';

/** From this on a reason code says no. */
const REFUSED = 128;
/** Time for the CONNACK of a version that is only asked about, in milliseconds. */
const VERSION_TIMEOUT = 4_000;

/**
 * On the first connection: whether a message comes back at all, and at which QoS the server does what it should.
 * @throws LinkError where the server does not confirm the subscription: then nothing else can be tried either.
 */
export async function probeQos(probe: Probe, line: ProbeClient): Promise<void> {
  const { signal } = probe;
  const place = probe.place();
  await probe.ask('A message at QoS 0, 1 and 2', async () => {
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
        answer: 'the subscription is confirmed, and the message does not come back',
        follows: 'see whether the account may publish below dinox/probe',
        ability: { name: 'qos', verdict: 'unknown', said: 'nothingBack' },
      };
    }
    return {
      answer: qosText(best, granted),
      follows: best === 2 ? 'any QoS can be chosen' : `messages go at QoS ${best}`,
      ability: { name: 'qos', verdict: best === 2 ? 'yes' : 'limited', said: 'upTo', params: { qos: best } },
    };
  });
}

function qosText(best: QoS, granted: number): string {
  if (best === 2) return 'all came back';
  return granted === best
    ? `the server grants QoS ${best}`
    : `QoS ${best} works, QoS ${best + 1} is not acknowledged`;
}

/** Published, acknowledged as its QoS wants, and received. */
async function comesBack(line: ProbeClient, place: Place, qos: QoS): Promise<boolean> {
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
    probe.listener.ability({ name: 'login', verdict: 'warning', said: 'open' });
    return Promise.resolve();
  }
  return probe.ask('MQTT without a login', async () => {
    const row = { name: 'login', params: { user } } as const;
    try {
      const line = await probe.open({ username: undefined, password: undefined });
      await line.end();
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      return {
        answer: error.message,
        follows: 'the login protects it',
        ability: { ...row, verdict: 'yes', said: 'needed' },
      };
    }
    return {
      answer: 'connected',
      follows: 'anyone who reaches this port can read and write',
      ability: { ...row, verdict: 'warning', said: 'openToo' },
    };
  });
}

/**
 * Which of MQTT 5, 3.1.1 and 3.1 the server takes; never more than one connection each. Prosody's bridge lets some of
 * them wait for ever.
 */
export function probeVersions(probe: Probe): Promise<void> {
  // That MQTT 5 is refused has been found out before there was a plan.
  const isKnown = probe.server.plan.mqtt?.version === 4;
  const others = ([5, 4, 3] as const).filter((one) => one !== probe.version && !(isKnown && one === 5));
  return probe.ask(`MQTT ${others.map((version) => VERSIONS[version]).join(' and ')}`, async () => {
    const taken: MqttVersion[] = [probe.version];
    const answers = await Promise.all(others.map((version) => isTaken(probe, version)));
    taken.push(...others.filter((_, index) => answers[index]));
    const names = taken.sort((a, b) => b - a).map((version) => VERSIONS[version]);
    return {
      answer: `the server takes ${names.join(', ')}`,
      follows: `MQTT ${VERSIONS[probe.version]} is spoken`,
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
  return probe.ask('A retained message', () =>
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
        return yesOrNo('retained', seen, ['it was kept', 'it was not kept']);
      } finally {
        // There an empty payload would be one more item, and nothing is retained.
        if (probe.profile.capabilities.retain) line.publish(place.topic, '', 0, true);
      }
    }),
  );
}

/** Subscribes with `+` and `#` in one filter. */
export function probeWildcards(probe: Probe): Promise<void> {
  return probe.ask('A topic filter with + and #', () =>
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
  return probe.ask('A shared subscription', async () => {
    if (said === false) return yesOrNo('shared', false, ['', 'the server says that it has none']);
    return onLine(probe, 'shared', async (line, place) => {
      await line.subscribe(place.marker, 0);
      const code = await line.subscribe(`$share/dinox/${place.topic}`, 0);
      if (line.lost) return yesOrNo('shared', false, ['', line.lost.message]);
      if (code === undefined || code >= REFUSED) {
        return yesOrNo('shared', false, ['', code === undefined ? 'no answer' : reasonText(code)]);
      }
      return arrives(line, place, 'shared');
    });
  });
}

async function arrives(line: ProbeClient, place: Place, name: AbilityName): Promise<Answer> {
  line.publish(place.topic, place.payload, 0);
  const marker = { topic: place.marker, payload: place.markerPayload };
  const seen = await line.before(
    () => line.messages.some(({ payload }) => payload === place.payload),
    marker,
  );
  if (seen === undefined) return nothingBack(name);
  return yesOrNo(name, seen, ['the message came', 'it is confirmed, and the message never comes']);
}

/** A connection of its own, so that a server that hangs up over one question leaves the others alone. */
async function onLine(
  probe: Probe,
  name: AbilityName,
  ask: (line: ProbeClient, place: Place) => Promise<Answer>,
): Promise<Answer> {
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
      answer: error.message,
      follows: 'not found out',
      ability: { name, verdict: 'unknown', said: 'notFoundOut' },
    };
  }
}

function yesOrNo(name: AbilityName, works: boolean, [yes, no]: readonly [string, string]): Answer {
  const ability: Ability = { name, verdict: works ? 'yes' : 'no', said: works ? 'works' : 'worksNot' };
  return { answer: works ? yes : no, follows: works ? 'it can be used' : 'it cannot be used here', ability };
}

function nothingBack(name: AbilityName): Answer {
  return {
    answer: 'nothing came back',
    follows: 'not found out',
    ability: { name, verdict: 'unknown', said: 'nothingBack' },
  };
}

function denied(name: AbilityName, code: number | undefined): Answer {
  const reason = code === undefined ? 'no answer' : reasonText(code);
  return {
    answer: `the subscription below dinox/probe was refused: ${reason}`,
    follows: 'not found out; other topics may be allowed',
    ability: { name, verdict: 'unknown', said: 'denied' },
  };
}

function notConfirmed(probe: Probe, line: ProbeClient): LinkError {
  if (line.lost) return line.lost;
  return new LinkError(
    'timeout',
    `${probe.where} did not confirm a subscription. ${probe.profile.subackHint}`,
  );
}
