import type { NodeDependencies } from './dependencies';
import type { Limits } from './limits';
import type { Texts } from './message-texts';
import type { NodeNumbers } from './number-pool';
import type { Rules } from './rules';
import type { AlertEvent } from './states';
import type { SteadyClock } from './steady-clock';

export interface MachineOptions {
  rules: Rules;
  /** Limits, unless they come with the samples. */
  limits: Limits | undefined;
  clock: SteadyClock;
  words: Texts;
  /** A new id for an alert, unique among all nodes. */
  newId(): string;
  /** What the keys depend on. @default nothing */
  dependencies?: NodeDependencies | undefined;
  /** Source of short numbers. @default no other node */
  numbers?: NodeNumbers | undefined;
  /**
   * Called at the end of a turn with changes. `urgent`: something changed that must survive the process; write it
   * (`changes`) before people are notified of `events`.
   */
  turned(events: AlertEvent[], urgent: boolean): void;
  /** The unit of a key whose samples have none. @default none */
  unitOf?(key: string): string;
  /** A key is forgotten. */
  forgotten?(key: string): void;
}
