/// <reference path="../red.d.ts" />
import { type Completion, explainFaults, field, type Prefix, whenChanged } from '../form';
import { ChosenBroker } from './broker-info';
import { ServerLimits } from './server-limits';
import { TopicField } from './topic-field';

/** Parts that the dialogs of receiving and publishing nodes share. */
export interface BrokerDialog {
  /** The chosen connection and its abilities. */
  chosen: ChosenBroker;
  /** Greys out the options that its server lacks. */
  limits: ServerLimits;
  /** Checks all fields again. */
  look(): void;
}

/**
 * Follows the chosen connection and the topic of an open dialog.
 *
 * @param isTopicShown returns false while the topic comes with the message
 * @param offers more that is offered for what is typed into the topic
 * @param update called after typing, a choice, or news of the connection
 */
export function followBroker(
  node: EditorNode,
  prefix: Prefix,
  options: {
    wildcards: boolean;
    isTopicShown(): boolean;
    update(): void;
    offers?(text: string): Promise<Completion[]>;
  },
): BrokerDialog {
  const { wildcards, isTopicShown, update, offers } = options;
  const explain = explainFaults(node, prefix);
  const limits = new ServerLimits(node, prefix);
  const chosen = new ChosenBroker(field(prefix, 'broker'), update);
  const topics = new TopicField({
    node,
    input: field(prefix, 'topic'),
    brokerId: () => chosen.brokerId,
    known: () => chosen.info,
    wildcards,
    shown: isTopicShown,
    offers,
  });
  whenChanged(update);
  const look = (): void => {
    topics.look();
    explain();
  };
  return { chosen, limits, look };
}
