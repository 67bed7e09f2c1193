import type { ParentKind } from './dependents';
import type { CheckSubject } from './device-check';
import type { Condition } from './rules';
import type { State, Value } from './states';

/** A condition with everything that a sentence about it needs, in any language. Times in milliseconds. */
export interface KeyFacts {
  /** What people call the key. */
  title: string;
  condition: Condition;
  /** That of the value; for `rate`, values and limits are changes of it in a minute. */
  unit: string;
  limit?: Value;
  /** The upper one of two. */
  limit2?: number;
  /** A key has no data after so long without a value; 0: never. */
  noDataAfter: number;
  /** It is no value, but a topic or a connection on which others depend. */
  parent?: ParentKind;
  /** The topic that may be meant, as far as the key is one. */
  topic: string;
}

/** A key without an open alert. */
export interface WatchedKey extends KeyFacts {
  key: string;
  state: State;
  value?: Value;
  /** It is a check of a device. */
  subject?: CheckSubject;
  /** 0 at the limit, and rising; Infinity: there is no measure. */
  rank: number;
  /** How far the value is from the nearest limit; below 0: beyond it, but not for long enough. */
  distance?: number;
  /** The nearest limit, if there are two. */
  nearest?: number;
  /** Milliseconds until it has no data, where nothing else is watched. */
  left?: number;
}
