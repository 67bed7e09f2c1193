import type { Backoff } from '../../base/backoff';
import { BoundedMap } from '../../base/bounded-map';
import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import type { Notice } from '../../discovery/types';
import { helpedBridgeProfile, type TypedNodes } from '../../servers/bridge-profile';
import { endpointText } from '../../servers/endpoint';
import { profileOf, type ServerProfile } from '../../servers/profiles';
import { asPayloadType } from '../../servers/profiles/prosody';
import { pubsubProfile } from '../../servers/pubsub-profile';
import { BridgeLink, type BridgeLinkOptions } from '../bridge/link';
import { LinkError } from '../errors';
import type { Link, LinkHandover, LinkListener } from '../link';
import type { MqttModule } from '../mqtt/client';
import { MqttLink } from '../mqtt/link';
import type { Notices } from '../notices';
import type { AccountSession } from '../pubsub/account-session';
import type { ItemIds } from '../pubsub/item-ids';
import { PubsubLink } from '../pubsub/link';
import { helpedService } from './bridge-help';
import type { ClientSettings, PubsubSettings } from './client-types';
import type { OpenedLink } from './connection';
import { type FoundPlan, isPubsub, linkOptions, type MqttPlan, type PubsubPlan } from './link-options';
import type { VersionChoice } from './version-choice';

/** Nodes of which a filter names the payload type. */
const MAX_TYPED = 10_000;

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
  const help = helpFor(plan, tools);
  const profile = help?.profile ?? profileOf(plan.serverType);
  const version = versions.choose(profile, plan.mqtt.version);
  const options = linkOptions(plan, profile, version, settings, backoff, clock);
  return {
    where: endpointText(plan.mqtt.endpoint),
    opened: { plan, profile, version, mqtt, hasOptions: help !== undefined },
    open: (listener, handover) => {
      // A clean session begins without the last one's packets under way.
      if (!options.clean) options.unreleased = handover?.unreleased;
      const open = (heard: LinkListener): Link => new MqttLink(mqtt, options, heard);
      return help ? new BridgeLink(open, help.options, listener) : open(listener);
    },
  };
}

/** What the account's XMPP session gives to Prosody's bridge; undefined on another server, or without an account. */
function helpFor(
  plan: MqttPlan,
  { settings, clock, notices, session }: OpenTools,
): { profile: ServerProfile; options: BridgeLinkOptions } | undefined {
  const { question, secrets, payloadType } = settings;
  const service = helpedService(plan, question, secrets);
  if (!session || service === undefined) return undefined;
  const typed: TypedNodes = new BoundedMap(MAX_TYPED);
  return {
    profile: helpedBridgeProfile(service, payloadType, typed),
    options: {
      session,
      service,
      payloadType: asPayloadType(payloadType),
      typed,
      poll: settings.pubsub?.poll ?? DEFAULTS.poll,
      clock,
      notice: (code, note, level) => notices.report({ level: level ?? 'warning', code, text: note }),
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
    notice: (code: string, note: Notice['text'], level: Notice['level'] = 'warning') =>
      notices.report({ level, code, text: note }),
  };
  return {
    where: `xmpp:${service}`,
    opened: {
      plan,
      profile: pubsubProfile(plan.serverType, service, settings.payloadType),
      version: 4,
      mqtt: undefined,
      hasOptions: true,
      hasNoLocal: true,
      newItemId: () => itemIds.next(),
    },
    open: (listener) => {
      if (!session.receivesEvents) options.notice('pubsub-presence', text('pubsub.noPresence'));
      return new PubsubLink(options, listener);
    },
  };
}
