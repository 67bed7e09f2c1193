import type { Clock } from '../../base/clock';
import type { SubscriptionLink } from './subscription-context';

/** Milliseconds for the whole test, and for a second copy behind the first. */
const PATIENCE = 1_500;
const SECOND_COPY = 150;

/**
 * Finds out if a server without subscription ids sends one copy of a message, or one per matching filter (MQTT 3.1.1
 * §3.3.5 leaves it open). It subscribes to a topic of its own in two ways and sends one message to it. A server that
 * does not answer counts as sending one copy, as most do.
 */
export class OverlapCheck {
  private copies = 0;
  private over = false;
  private readonly topic: string;
  private readonly filters: readonly string[];
  private stop: () => void;

  constructor(
    name: string,
    private readonly link: SubscriptionLink,
    private readonly clock: Clock,
    private readonly found: (overlapping: 'once' | 'perFilter') => void,
  ) {
    this.topic = `dinox-nr/probe/${name}/x`;
    this.filters = [this.topic, `dinox-nr/probe/${name}/+`];
    this.stop = clock.after(PATIENCE, () => this.end());
    const wanted = this.filters.map((filter) => ({
      filter,
      qos: 0 as const,
      nl: false,
      rap: false,
      rh: 0 as const,
    }));
    link.subscribe(wanted, undefined, (error, codes) => {
      if (error || codes.some((code) => typeof code !== 'number' || code >= 128)) this.end();
      else link.publish({ topic: this.topic, payload: 'x', qos: 0, retain: false }, () => {});
    });
  }

  /** True if the message was the check's. */
  take(topic: string): boolean {
    if (topic !== this.topic) return false;
    if (this.over) return true;
    this.copies += 1;
    if (this.copies > 1) this.end();
    else {
      this.stop();
      this.stop = this.clock.after(SECOND_COPY, () => this.end());
    }
    return true;
  }

  get isOver(): boolean {
    return this.over;
  }

  /** Ends it without a result: the connection is gone. */
  cancel(): void {
    this.over = true;
    this.stop();
  }

  private end(): void {
    if (this.over) return;
    this.cancel();
    this.link.unsubscribe([...this.filters]);
    this.found(this.copies > 1 ? 'perFilter' : 'once');
  }
}
