import type { Translate } from '../../../../editor/format';
import type { Row } from '../rows';

export type GuideCondition = 'above' | 'below' | 'nodata';

/** What is known of a topic: as the recorder tells it, or as the server's list of PubSub nodes does. */
export type KnownTopic = Pick<Row, 'topic'> &
  Partial<Row> & {
    /** By what a flow receives it, where that is not `topic`: a PubSub node of another payload type. */
    filter?: string;
  };

export interface Receiver {
  /** Bare JID, or that of a room. */
  jid: string;
  isRoom: boolean;
}

/** What has been chosen so far. */
export interface GuideState {
  /** Id of the `dinox-broker`. */
  broker: string;
  /** Bare JID of its account; empty where it has none. */
  account: string;
  topic: KnownTopic;
  /** The number in a JSON payload; undefined: the payload's own. */
  field: string | undefined;
  condition: GuideCondition;
  /** As typed. */
  limit: string;
  /** `30m`, for `nodata`. */
  noDataAfter: string;
  receiver: Receiver;
  /** Ids of the nodes through which a value has to come. */
  placed: Placed;
}

export interface Placed {
  receiver: string;
  alert: string;
}

/** What a step may do with the guide around it. */
export interface StepHost {
  readonly translate: Translate;
  readonly state: GuideState;
  /** The step is done. */
  next(): void;
  /** Begins anew with the same account. */
  another(): void;
  close(): void;
}

export interface GuideStep {
  readonly element: HTMLElement;
  /** Where a person goes on. */
  focus(): void;
  /** Asks as long as it is looked at. */
  run?(on: boolean): void;
  destroy?(): void;
}

/** A typed number; a comma counts as the point that it is meant to be. */
export function numberOf(text: string): number | undefined {
  const plain = text.trim().replace('\u2212', '-').replace(',', '.');
  const number = Number(plain);
  return plain !== '' && Number.isFinite(number) ? number : undefined;
}
