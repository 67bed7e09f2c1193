import { text } from '../../base/catalogue';
import type { Notice } from '../../discovery/types';
import type { MqttVersion } from '../../servers/types';
import type { LinkError } from '../errors';
import type { Announcement, ClientTools } from './client-types';

/** "Topic name not valid": in a CONNACK, that of the will (MQTT 5 §3.2.2.2). */
const TOPIC_REFUSED = 144;
/** What ejabberd says instead on MQTT 3.1.1, which has no code for it. */
const TOPIC_REFUSED_4 = 128;

/**
 * The will of a connection: the user's, else our own. ejabberd refuses the whole connection where its rules do not let the
 * account publish to the will's topic, so our own is given up then: nobody asked for it to be the condition.
 */
export class OwnWill {
  private offered: string | undefined;
  private isRefused = false;

  constructor(
    private readonly lastWords: ClientTools['lastWords'],
    private readonly report: (notice: Notice) => void,
  ) {}

  /** The will of the next link. @param typed the user's */
  next(typed: Announcement | undefined): Announcement | undefined {
    const own = typed || this.isRefused ? undefined : this.lastWords?.('will');
    this.offered = own?.topic;
    return typed ?? own;
  }

  /** Tells whether the server refused the connection for our own will: the next link goes without. */
  gaveUp({ said }: LinkError, version: MqttVersion): boolean {
    if (said !== (version === 5 ? TOPIC_REFUSED : TOPIC_REFUSED_4) || this.offered === undefined)
      return false;
    this.isRefused = true;
    const why = text('mqtt.willRefused', { topic: this.offered });
    this.report({ level: 'warning', code: 'will-refused', text: why });
    return true;
  }
}
