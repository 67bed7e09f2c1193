import type { ReadText, Translate } from '../../base/translate';
import type { Recorder } from '../../recorder/recorder';
import type { ClientSettings, ClientTools } from '../../transport/connection/client-types';
import type { RuntimeBus } from '../chat/sending-reports';
import type { RawBroker, RawCredentials } from '../config/broker-config';
import type { DeployWatcher } from '../handover/deploy-watcher';
import type { ChatHandover, HandoverStore, PendingInbound } from '../handover/handover-store';
import type { ShownAs } from '../homeassistant/announcer-for';
import type { Log } from '../node-contract';
import type { SubscriptionFaults } from './subscription-faults';

export interface BrokerOptions {
  id: string;
  raw: RawBroker;
  credentials: RawCredentials;
  /** Client id of the node if none is typed. */
  clientId: string;
  tls: ClientSettings['tls'];
  /** Shortest wait before a new try, in milliseconds (Node-RED's `mqttReconnectTime`). */
  reconnectMin: number | undefined;
  tools: Omit<ClientTools, 'openJournal' | 'session' | 'itemOwner'>;
  /** Path of the file with waiting messages; undefined without a user directory. */
  queueFile: string | undefined;
  /** Path of the file that says which chat messages belong to which alert; undefined without a user directory. */
  sentFile?: string | undefined;
  /** Path of the file that says how far the chat's archives are dealt with; undefined without a user directory. */
  archiveFile?: string | undefined;
  /** Where the nodes of this Node-RED hear of each other. */
  bus?: RuntimeBus | undefined;
  /** Path of the file with the names that people gave to topics; undefined without a user directory. */
  namesFile?: string | undefined;
  /** Path of the file with the publications that people saved by name; undefined without a user directory. */
  presetsFile?: string | undefined;
  /** Path of the file with what was said last; undefined without a user directory. */
  saidFile?: string | undefined;
  /** True if the flows still have a node that was removed: it is disabled, and what people made by hand stays. @default false */
  isDisabled?(): boolean;
  handovers: HandoverStore;
  inboundHandovers: HandoverStore<PendingInbound>;
  chatHandover: ChatHandover;
  /** Faults of the nodes' subscriptions; shared, so that they outlive a deploy. */
  faults: SubscriptionFaults;
  deploys: DeployWatcher;
  /** What Home Assistant is to know it by. */
  shown: ShownAs;
  /** Filters that are recorded beside those of the node, for the page for phones. */
  watch?: readonly string[];
  /** Gets every message that arrives. */
  recorder: Recorder;
  log: Log;
  translate: Translate;
  read: ReadText;
  /** Called when `connected` changes. */
  changed(connected: boolean): void;
}
