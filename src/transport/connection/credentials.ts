import { text } from '../../base/catalogue';
import type { Plan, Question, Secrets } from '../../discovery/types';
import { type AddressGuard, isLocalAddress } from '../../net/locality';
import { usesTls } from '../../servers/endpoint';
import type { ServerProfile } from '../../servers/profiles';
import { LinkError } from '../errors';

/** Credentials in CONNECT. */
export interface Login {
  username?: string;
  password?: string;
}

/** The login that the plan names. Prosody's bridge never gets one: the operator of that listener could read it. */
export function credentialsFor(
  plan: Plan,
  profile: ServerProfile,
  question: Question,
  secrets: Secrets,
): Login {
  if (profile.login === 'none' || plan.mqtt?.login === 'none') return {};
  const [username, password] =
    plan.mqtt?.login === 'account'
      ? [question.jid?.bare, secrets.password]
      : [secrets.user, secrets.mqttPassword];
  return { ...(username ? { username } : {}), ...(password ? { password } : {}) };
}

/** Lets a password without TLS go to local addresses only, decided on the address after DNS. */
export function passwordGuard(plan: Plan, login: Login, allowUnencrypted: boolean): AddressGuard {
  const harmless =
    login.password === undefined ||
    allowUnencrypted ||
    (plan.mqtt !== undefined && usesTls(plan.mqtt.endpoint));
  return {
    allow: (address) => harmless || isLocalAddress(address),
    refuse: (host, address) =>
      new LinkError(
        'unencrypted',
        text('mqtt.notSentClear', { where: host === address ? host : `${host} (${address})` }),
        true,
      ),
  };
}
