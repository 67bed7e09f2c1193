import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import type { Notice } from '../../discovery/types';
import { verifies } from '../../net/tls';
import type { ServerProfile } from '../../servers/profiles';
import type { MqttVersion } from '../../servers/types';
import { type ConnectionCapabilities, capabilitiesOf } from '../capabilities';
import { LinkError } from '../errors';
import type { Link, LinkOpening } from '../link';
import type { MqttModule } from '../mqtt/client';
import type { Notices } from '../notices';
import type { OutboxSink } from '../outbox/outbox';
import type { SubscriptionContext } from '../subscriptions/subscription-context';
import { type AdaptContext, adaptPublication } from './adapt-publication';
import { announce } from './announce';
import type { Announcement, ClientSettings } from './client-types';
import { noticesOf } from './connection-notices';
import type { FoundPlan } from './link-options';

/**
 * MQTT 3.1.1 has no word for how many messages at QoS 2 a server takes at once. Mosquitto closes the connection without
 * a word if there are more than its `max_inflight_messages` (20), one at QoS 1 that comes beside them included.
 */
const QOS2_UNDER_WAY = 15;

/** Way of an open link: the plan with its profile, and what the transport can carry. */
export interface OpenedLink {
  plan: FoundPlan;
  profile: ServerProfile;
  /** 4 over PubSub too: no properties of MQTT 5 can travel. */
  version: MqttVersion;
  /** The library; undefined over PubSub. */
  mqtt: MqttModule | undefined;
  /** The link itself does what the subscription options of MQTT 5 ask for. @default false */
  hasOptions?: boolean;
  /** The link keeps own messages from subscriptions that do not want them. Prosody's bridge does not know whose they are. @default false */
  hasNoLocal?: boolean;
  /** Makes the id of a publication's item; undefined over MQTT. */
  newItemId?: (() => string) | undefined;
}

/** A link between CONNACK and its loss: the server's capabilities, and the way of messages over it. */
export class Connection {
  readonly capabilities: ConnectionCapabilities;
  /** Sees each publication in the server's form before it is sent. */
  published: ((topic: string, payload: Buffer | string) => void) | undefined;
  private readonly context: AdaptContext;
  private readonly sessionPresent: boolean;

  constructor(
    private readonly link: Link,
    private readonly opened: OpenedLink,
    opening: LinkOpening,
    private readonly settings: ClientSettings,
    notices: Notices,
  ) {
    const { plan, profile, version } = opened;
    this.capabilities = capabilitiesOf(profile.capabilities, opening);
    this.sessionPresent = opening.sessionPresent;
    this.context = {
      mapping: profile.mapping({
        pubsubService: settings.question.pubsubService ?? plan.services.pubsub,
        payloadType: settings.payloadType,
      }),
      capabilities: this.capabilities,
      server: profile.label,
      v5: version === 5,
      notice: (code, note) => notices.report({ level: 'warning', code, text: note }),
    };
  }

  /** Notices about this connection. */
  get notices(): Notice[] {
    const { plan, profile, version } = this.opened;
    const { tls, cleanSession, sessionExpiry, will } = this.settings;
    return noticesOf({
      line: this.opened.mqtt &&
        plan.mqtt && {
          endpoint: plan.mqtt.endpoint,
          address: this.link.remoteAddress,
          login: this.link.sendsPassword ? plan.mqtt.login : 'none',
        },
      profile,
      capabilities: this.capabilities,
      v5: version === 5,
      verified: verifies(tls),
      cleanSession,
      sessionExpiry,
      hasWill: will !== undefined,
    });
  }

  /** The connection as the subscriptions use it. */
  get forSubscriptions(): SubscriptionContext {
    const { link, opened, context, capabilities, sessionPresent } = this;
    const { mapping, v5 } = context;
    const hasOptions = v5 || opened.hasOptions === true;
    const noLocal = v5 || opened.hasNoLocal === true;
    return { link, profile: opened.profile, capabilities, mapping, v5: hasOptions, noLocal, sessionPresent };
  }

  /** The connection as the outbox uses it. */
  get sender(): OutboxSink {
    const { link, context } = this;
    const { newItemId } = this.opened;
    const { receiveMaximum } = this.capabilities;
    const send: OutboxSink['send'] = (publication, sent) => {
      if (publication.obsolete?.()) sent(new LinkError('timeout', text('mqtt.obsolete')));
      else {
        const wire = adaptPublication(publication, context);
        if (publication.expires !== undefined) wire.expires = publication.expires;
        // One that waited before the transport was known gets its id now, and keeps it.
        if (newItemId) wire.itemId = publication.itemId ??= newItemId();
        this.published?.(wire.topic, wire.payload);
        link.publish(wire, sent);
      }
    };
    return {
      send,
      sendAlone: (publication, sent) => {
        send(publication, (error) => {
          // The server does not confirm QoS 0: its answer to a ping sent behind the message shows that it lives.
          if (error || Math.min(publication.qos, this.capabilities.maxQos) > 0) sent(error);
          else link.ping(() => sent());
        });
      },
      get writable() {
        return link.writable;
      },
      window: receiveMaximum,
      qos2Window: context.v5 ? receiveMaximum : QOS2_UNDER_WAY,
    };
  }

  /** Asks for an answer behind everything that was sent: see {@link Link.ping}. */
  ping(answered: () => void): void {
    this.link.ping(answered);
  }

  /** Sends the birth or close message. Resolves when it is out, after two seconds at most. */
  announce(message: Announcement, kind: 'birth' | 'close', clock: Clock): Promise<void> {
    return announce(this.link, this.context, message, kind, clock);
  }
}
