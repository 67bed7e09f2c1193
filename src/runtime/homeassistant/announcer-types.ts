import type { Clock } from '../../base/clock';
import type { Text } from '../../base/text';
import type { ShownAbout } from '../../homeassistant/announcing/announced-device';
import type { DeviceLooks } from '../../homeassistant/announcing/device-config';
import type { Identity } from '../../homeassistant/announcing/identity';
import type { Publication } from '../../transport/messages';
import type { Done } from '../../transport/outbox/outbox-types';
import type { RegisteredNode } from '../node-contract';
import type { AnnouncedFile } from './announced-file';
import type { SubscribingBroker } from './discovery-reader';

/** The part of a connection that announces. */
export interface AnnouncingBroker extends SubscribingBroker {
  readonly connected: boolean;
  /** What it publishes is counted nowhere: no flow and nobody has said it. */
  readonly client: {
    readonly capabilities: { readonly retain: boolean } | undefined;
    /** Messages go over PubSub, where no Home Assistant is. */
    readonly usesSession: boolean;
    publish(publication: Publication, done: Done): void;
  };
  onConnected(watcher: (connected: boolean) => void): () => void;
  register(node: RegisteredNode): void;
  deregister(node: RegisteredNode, removed: boolean): Promise<void>;
}

export interface AnnouncerOptions {
  broker: AnnouncingBroker;
  clock: Clock;
  random(): number;
  identity: Identity;
  looks: DeviceLooks;
  file: AnnouncedFile;
  /** Called when a node shows something: others learn of our end by the bot's status. */
  needStatus(): void;
  /** Tells if a deploy is under way, now and at every change; the result ends it. */
  deploys(listener: (underWay: boolean) => void): () => void;
  warn(said: Text): void;
}

/** What a node shows in Home Assistant. */
export interface ShownNode {
  /** All that it shows from now on. */
  show(shown: Iterable<ShownAbout>): void;
  /** A state of entities of a key, kept by the server; the same again is silent. @param name last level of its topic */
  state(key: string, name: string, state: object): void;
  /** Something that happens; nobody keeps it. */
  event(key: string, part: string, event: object): void;
  close(): void;
}

/** A command from Home Assistant; `key` and `part` say which entity it is for. */
export type Commanded = (key: string, part: string, payload: string) => void;
