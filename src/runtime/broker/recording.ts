import type { Clock } from '../../base/clock';
import { render, type Text } from '../../base/text';
import type { Translate } from '../../base/translate';
import { classText } from '../../homeassistant/class-words';
import { HomeNames } from '../../homeassistant/names';
import { BotListener } from '../../recorder/bot-listener';
import type { Recorder } from '../../recorder/recorder';
import { isForNames, TopicWatcher, UNRECORDED } from '../../recorder/topic-watcher';
import { matcher, unshared } from '../../recorder/upstream-topics';
import type { SubscriptionSet } from '../../transport/subscriptions/subscription-set';

type RecordingHost = ConstructorParameters<typeof TopicWatcher>[0];

/** The sidebar's view of a connection: the recorder, its watched topics, and their names. */
export class Recording {
  readonly watcher: TopicWatcher;
  /** The bots that it hears of. */
  readonly bots: BotListener;
  /** Home Assistant's names for the topics. */
  readonly names: HomeNames;

  constructor(
    host: RecordingHost,
    subscriptions: SubscriptionSet,
    readonly recorder: Recorder,
    watch: readonly string[],
    clock: Clock,
    warn: (said: Text) => void,
    /** Under which devices announce themselves for Home Assistant. */
    prefix: string,
    translate: Translate,
  ) {
    const words = (deviceClass: string): string =>
      render(classText(deviceClass), (key) => translate(`text.${key}`));
    this.names = new HomeNames(clock.now(), prefix, words);
    subscriptions.tap = (message, replay, filters) => {
      if (this.names.take(message.topic, message.payload) && isForNames(filters)) return;
      this.recorder.take(message, replay);
    };
    const ended = (): void => {
      const filters = [...subscriptions.filtersBeside(UNRECORDED)].map(unshared);
      recorder.losePace(matcher(new Set(filters)));
    };
    this.watcher = new TopicWatcher(host, clock, watch, warn, prefix, ended);
    this.bots = new BotListener(this.watcher, recorder, clock);
  }

  close(): void {
    this.bots.close();
    this.watcher.close();
  }
}
