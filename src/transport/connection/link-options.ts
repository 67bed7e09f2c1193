import type { Backoff } from '../../base/backoff';
import type { Clock } from '../../base/clock';
import type { Plan } from '../../discovery/types';
import { checkAddress, guardedLookup } from '../../net/locality';
import type { ServerProfile } from '../../servers/profiles';
import type { MqttVersion } from '../../servers/types';
import type { LinkOptions } from '../mqtt/client';
import type { ClientSettings } from './client-types';
import { credentialsFor, passwordGuard } from './credentials';

/** A plan that found a broker. */
export type MqttPlan = Plan & { mqtt: NonNullable<Plan['mqtt']> };

/** A plan that found a PubSub service to go over. */
export type PubsubPlan = Plan & { pubsub: NonNullable<Plan['pubsub']> };
export type FoundPlan = MqttPlan | PubsubPlan;

export function isPubsub(plan: FoundPlan): plan is PubsubPlan {
  return plan.pubsub !== undefined;
}

/** Options for a link along this plan, the login included. Throws if a password must not go there. */
export function linkOptions(
  plan: MqttPlan,
  profile: ServerProfile,
  version: MqttVersion,
  settings: ClientSettings,
  backoff: Backoff,
  clock: Clock,
): LinkOptions {
  const { endpoint, servername } = plan.mqtt;
  const login = credentialsFor(plan, profile, settings.question, settings.secrets);
  const guard = passwordGuard(plan, login, settings.question.allowUnencrypted);
  checkAddress(endpoint.host, guard);
  return {
    endpoint,
    servername,
    tls: settings.tls,
    lookup: guardedLookup(guard),
    version,
    clientId: settings.clientId,
    ...login,
    keepalive: settings.keepalive,
    clean: settings.cleanSession,
    sessionExpiry: settings.sessionExpiry,
    userProperties: settings.userProperties,
    ...(settings.will && profile.capabilities.will ? { will: settings.will } : {}),
    connectTimeout: settings.connectTimeout ?? 15_000,
    nextDelay: (uptime) => {
      backoff.lasted(uptime);
      return backoff.next();
    },
    steady: () => clock.steady(),
  };
}
