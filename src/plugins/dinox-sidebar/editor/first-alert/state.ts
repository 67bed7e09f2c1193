import type { Translate } from '../../../../editor/format';
import type { Row } from '../rows';

export type GuideCondition = 'above' | 'below' | 'equals' | 'nodata';

/** A topic as the recorder knows it. */
export type KnownTopic = Pick<Row, 'topic'> &
  Partial<Row> & {
    /** Filter by which a flow receives it, if it is not `topic`: a PubSub node of another payload type. */
    filter?: string;
    /** What is on or off, open or closed in its JSON: the last text by path. */
    states?: ReadonlyMap<string, string>;
    /** The topics that a filter with wildcards stands for. */
    others?: readonly Row[];
  };

export interface Recipient {
  /** Bare JID, or that of a room. */
  jid: string;
  isRoom: boolean;
}

/** The choices so far. */
export interface GuideState {
  /** Id of the `dinox-broker`. */
  broker: string;
  /** Bare JID of its account; empty where it has none. */
  account: string;
  topic: KnownTopic;
  /** Path of the value in a JSON payload; undefined: the payload's own. */
  field: string | undefined;
  condition: GuideCondition;
  /** As typed. */
  limit: string;
  /** How long the condition has to hold: `5m`; empty: at once. */
  holdFor: string;
  /** How far a value has to come back; empty: to the limit. */
  hysteresis: string;
  /** `30m`, for `nodata`. */
  noDataAfter: string;
  /** What its device calls the value; empty: not known. */
  called: string;
  /** The unit as the devices announce it, where the message has none. */
  unit: string;
  recipient: Recipient;
  /** Ids of the nodes that a value has to pass. */
  placed: Placed;
}

export interface Placed {
  mqttIn: string;
  alert: string;
}

/** The guide as its steps see it. */
export interface StepHost {
  readonly translate: Translate;
  readonly state: GuideState;
  /** Called when the step is done. */
  next(): void;
  /** Begins again with the same account. */
  another(): void;
  close(): void;
}

export interface GuideStep {
  readonly element: HTMLElement;
  /** Focuses the element where a person continues. */
  focus(): void;
  /** Asks while somebody looks. */
  run?(on: boolean): void;
  destroy?(): void;
}
