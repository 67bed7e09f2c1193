import type { Clock } from './clock';

/** Timers by name: one of a name at a time. */
export class NamedTimers<Name extends string> {
  private readonly stops = new Map<Name, () => void>();

  constructor(private readonly clock: Clock) {}

  has(name: Name): boolean {
    return this.stops.has(name);
  }

  /** Runs `action` once after `ms` milliseconds, in place of what the name stood for. */
  after(name: Name, ms: number, action: () => void): void {
    this.cancel(name);
    this.stops.set(
      name,
      this.clock.after(ms, () => {
        this.stops.delete(name);
        action();
      }),
    );
  }

  cancel(...names: readonly Name[]): void {
    for (const name of names) {
      this.stops.get(name)?.();
      this.stops.delete(name);
    }
  }

  close(): void {
    this.cancel(...this.stops.keys());
  }
}
