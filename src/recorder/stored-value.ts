import type { PubsubAddress } from '../servers/profiles';
import type { TopicRow } from '../topics/topic-row';

/** A last value as stored on disk. */
export interface StoredValue {
  topic: string;
  at: number;
  qos: number;
  retained: boolean;
  /** Base64. */
  payload: string;
  pubsub?: PubsubAddress | undefined;
}

export interface Changes {
  /** Pass it as `since` the next time. */
  seq: number;
  rows: TopicRow[];
  /** Topics that are not remembered any more. */
  gone: string[];
  /** There is more than `limit` rows: ask again at once. */
  more: boolean;
  /** All that was told before counts no longer. */
  reset: boolean;
}
