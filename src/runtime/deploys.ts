/** Node-RED's own events, as far as they are needed here. */
interface Events {
  on(event: string, listener: () => void): unknown;
  removeListener(event: string, listener: () => void): unknown;
}

/** Tells nodes when a deploy is over. One listener stands for all of them: Node's emitter warns of more than ten. */
export class Deploys {
  private readonly listeners = new Set<() => void>();
  private readonly tell = (): void => {
    for (const listener of [...this.listeners]) listener();
  };

  constructor(private readonly events: Events) {}

  /** The result ends it. */
  onOver(listener: () => void): () => void {
    if (this.listeners.size === 0) this.events.on('flows:started', this.tell);
    this.listeners.add(listener);
    return () => {
      if (!this.listeners.delete(listener) || this.listeners.size > 0) return;
      this.events.removeListener('flows:started', this.tell);
    };
  }
}
