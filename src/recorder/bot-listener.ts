import type { Clock } from '../base/clock';
import { BOT_FILTERS, type BotRow, botRows, isBotTopic, type OwnStatus } from '../bots/bot-list';
import type { Recorder } from './recorder';
import { EXPLORE_LEASE_MS, type TopicWatcher } from './topic-watcher';

/** Most bots that are listed for one connection. */
const MAX_BOTS = 200;

/** Listens for bots as long as somebody looks, and lists those that the recorder knows. */
export class BotListener {
  private stops: (() => void)[] = [];
  private stopLease: (() => void) | undefined;

  constructor(
    private readonly watcher: Pick<TopicWatcher, 'watch'>,
    private readonly recorder: Pick<Recorder, 'find' | 'last'>,
    private readonly clock: Clock,
  ) {}

  /** Starts or continues; ends by itself when nobody has asked for a while. */
  look(own: OwnStatus | undefined): BotRow[] {
    this.stopLease?.();
    this.stopLease = this.clock.after(EXPLORE_LEASE_MS, () => this.close());
    // A server that refuses them still lets flows receive single bots.
    if (this.stops.length === 0)
      this.stops = BOT_FILTERS.map((filter) => this.watcher.watch(filter, () => {}));
    const messages = this.recorder.find(isBotTopic, MAX_BOTS).flatMap(({ topic }) => {
      const last = this.recorder.last(topic);
      return last ? [{ topic, payload: last.payload, at: last.at }] : [];
    });
    return botRows(messages, this.clock.now(), own);
  }

  close(): void {
    this.stopLease?.();
    this.stopLease = undefined;
    for (const stop of this.stops.splice(0)) stop();
  }
}
