import type { Clock } from '../../base/clock';

/** Longest deploy, in milliseconds; after that it counts as over: Node-RED waits 15 s for a node that does not close. */
const MAX_LENGTH = 20_000;
const BEGIN = ['flows:stopping', 'flows:starting'] as const;
const END = 'flows:started';

/** Node-RED's `RED.events`. */
export interface RuntimeEvents {
  on(event: string, listener: () => void): void;
  removeListener(event: string, listener: () => void): void;
}

/** Watches deploys: one lasts from the first node that closes until all new ones are there. */
export class DeployWatcher {
  private readonly listeners = new Set<(underWay: boolean) => void>();
  private stop: (() => void) | undefined;

  constructor(
    private readonly events: RuntimeEvents,
    private readonly clock: Clock,
  ) {}

  /** Tells `listener` if a deploy is under way, now and at every change; the result ends it. */
  listen(listener: (underWay: boolean) => void): () => void {
    if (this.listeners.size === 0) {
      for (const event of BEGIN) this.events.on(event, this.begin);
      this.events.on(END, this.end);
      // The first one is a node, and only a deploy makes nodes.
      this.begin();
    }
    this.listeners.add(listener);
    listener(this.stop !== undefined);
    return () => this.forget(listener);
  }

  private forget(listener: (underWay: boolean) => void): void {
    this.listeners.delete(listener);
    if (this.listeners.size > 0) return;
    for (const event of BEGIN) this.events.removeListener(event, this.begin);
    this.events.removeListener(END, this.end);
    this.stop?.();
    this.stop = undefined;
  }

  private readonly begin = (): void => {
    const underWay = this.stop !== undefined;
    this.stop?.();
    this.stop = this.clock.after(MAX_LENGTH, this.end);
    if (!underWay) this.tell(true);
  };

  private readonly end = (): void => {
    if (!this.stop) return;
    this.stop();
    this.stop = undefined;
    this.tell(false);
  };

  private tell(underWay: boolean): void {
    for (const listener of [...this.listeners]) listener(underWay);
  }
}
