import type { Backoff } from '../../base/backoff';
import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { endpointText } from '../../servers/endpoint';
import { profileOf } from '../../servers/profiles';
import { asPayloadType } from '../../servers/profiles/prosody';
import { pubsubProfile } from '../../servers/pubsub-profile';
import { LinkError } from '../errors';
import type { Link, LinkHandover, LinkListener } from '../link';
import type { MqttModule } from '../mqtt/client';
import { MqttLink } from '../mqtt/link';
import type { Notices } from '../notices';
import type { AccountSession } from '../pubsub/account-session';
import type { ItemIds } from '../pubsub/item-ids';
import { PubsubLink } from '../pubsub/link';
import type { ClientSettings, PubsubSettings } from './client-types';
import type { OpenedLink } from './connection';
import { type FoundPlan, isPubsub, linkOptions, type MqttPlan, type PubsubPlan } from './link-options';
import type { VersionChoice } from './version-choice';

const DEFAULTS: PubsubSettings = { access: 'whitelist', publish: 'publishers', maxItems: 1, poll: 60_000 };

/** What both transports need. */
export interface OpenTools {
  settings: ClientSettings;
  backoff: Backoff;
  clock: Clock;
  versions: VersionChoice;
  notices: Notices;
  session: AccountSession | undefined;
  itemIds: ItemIds;
}

/** A way along which a link can be opened. */
export interface LinkWay {
  /** Name of the server, as {@link Link.where}. */
  where: string;
  opened: OpenedLink;
  open(listener: LinkListener, handover: LinkHandover | undefined): Link;
}

/** The way that a plan names. @throws LinkError if it must not, or cannot, be taken */
export function wayOf(plan: FoundPlan, mqtt: MqttModule | undefined, tools: OpenTools): LinkWay {
  if (isPubsub(plan)) return overPubsub(plan, tools);
  if (!mqtt) throw new Error('MQTT.js is not loaded');
  return overMqtt(plan, mqtt, tools);
}

function overMqtt(plan: MqttPlan, mqtt: MqttModule, tools: OpenTools): LinkWay {
  const { settings, backoff, clock, versions } = tools;
  const profile = profileOf(plan.serverType);
  const version = versions.choose(profile, plan.mqtt.version);
  const options = linkOptions(plan, profile, version, settings, backoff, clock);
  return {
    where: endpointText(plan.mqtt.endpoint),
    opened: { plan, profile, version, mqtt },
    open: (listener, handover) => {
      // A clean session begins without the last one's packets under way.
      if (!options.clean) options.unreleased = handover?.unreleased;
      return new MqttLink(mqtt, options, listener);
    },
  };
}

function overPubsub(plan: PubsubPlan, tools: OpenTools): LinkWay {
  const { settings, backoff, clock, notices, session, itemIds } = tools;
  const { service } = plan.pubsub;
  if (!session) throw new LinkError('config', text('pubsub.needsAccount'), true);
  const { poll, ...node } = settings.pubsub ?? DEFAULTS;
  const options = {
    session,
    service,
    payloadType: asPayloadType(settings.payloadType),
    node,
    poll,
    ids: itemIds,
    clock,
    nextDelay: () => backoff.next(),
    notice: (code: string, note: Parameters<Notices['report']>[0]['text']) =>
      notices.report({ level: 'warning', code, text: note }),
  };
  return {
    where: `xmpp:${service}`,
    opened: {
      plan,
      profile: pubsubProfile(plan.serverType, service, settings.payloadType),
      version: 4,
      mqtt: undefined,
      newItemId: () => itemIds.next(),
    },
    open: (listener) => {
      if (!session.receivesEvents) options.notice('pubsub-presence', text('pubsub.noPresence'));
      return new PubsubLink(options, listener);
    },
  };
}
