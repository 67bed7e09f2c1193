/** What the resolution's tests against real servers share. */
import assert from 'node:assert/strict';
import { ResolveError } from '../../src/discovery/errors';
import type { DefaultPorts } from '../../src/discovery/lookups';
import { resolve } from '../../src/discovery/resolve';
import { systemLookups } from '../../src/discovery/system-lookups';
import type { Plan, Question, Secrets } from '../../src/discovery/types';
import type { TlsSettings } from '../../src/net/tls';
import { parseJid } from '../../src/xmpp/jid';
import { storyOf } from '../support/readable';
import { certificates } from '../support/servers/index';

export const USER = 'anna';
export const PASSWORD = 'g3heim-zebra';
export const users = { [USER]: PASSWORD };

export interface Asking {
  jid?: string | undefined;
  question?: Partial<Question>;
  secrets?: Secrets;
  ports?: Partial<DefaultPorts>;
  tls?: TlsSettings;
  dns?: string;
  timeoutMs?: number;
}

/** A port where nothing listens. */
const NOTHING = 1;

/** Asks the way a person with the dialog's defaults would; ports that are not given lead nowhere. */
export function find(asking: Asking): Promise<Plan> {
  const { jid = `${USER}@localhost`, secrets = { password: PASSWORD } } = asking;
  const question: Question = {
    ...(jid !== '' && { jid: parseJid(jid) }),
    serverType: 'auto',
    usetls: true,
    useXmppCredentials: true,
    transport: 'auto',
    protocolVersion: 'auto',
    allowUnencrypted: false,
    ...asking.question,
  };
  const lookups = systemLookups({
    tls: asking.tls ?? { ca: certificates().ca },
    ports: { xmpp: NOTHING, mqtt: NOTHING, mqtts: NOTHING, ...asking.ports },
    ...(asking.dns !== undefined && { dnsServers: [asking.dns] }),
  });
  return resolve(question, secrets, lookups, { timeoutMs: asking.timeoutMs });
}

export async function failure(asking: Asking): Promise<ResolveError> {
  const result = await find(asking).catch((error: unknown) => error);
  assert.ok(result instanceof ResolveError, JSON.stringify(result));
  return result;
}

/** `serverType login endpoint servername`, or `serverType pubsub service`. */
export function brief({ serverType, mqtt, pubsub }: Plan): string {
  if (pubsub) return `${serverType} pubsub ${pubsub.service}`;
  if (!mqtt) return `${serverType} -`;
  const { protocol, host, port } = mqtt.endpoint;
  return `${serverType} ${mqtt.login} ${protocol}://${host}:${port} ${mqtt.servername}`;
}

export function codes(plan: Plan): string[] {
  return plan.notices.map(({ code }) => code);
}

export function said({ steps }: Pick<Plan, 'steps'>): string {
  return storyOf(steps);
}

/** Fails where bytes hold a password, in clear or in base64, or any part of a SASL exchange. */
export function assertNoLogin(bytes: Buffer): void {
  const text = bytes.toString('latin1');
  for (const secret of [
    PASSWORD,
    Buffer.from(`\0${USER}\0${PASSWORD}`).toString('base64'),
    Buffer.from(PASSWORD).toString('base64'),
  ]) {
    assert.ok(!text.includes(secret), 'the password went over the line');
  }
  assert.doesNotMatch(text, /<(?:auth|response|authenticate|initial-response)\b/);
  assert.ok(!text.includes(USER), 'the account went over the line');
}
