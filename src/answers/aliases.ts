/** Names that people give to topics from the chat. */
import { BoundedMap } from '../base/bounded-map';
import { isTopic } from '../topics/filter';

/** Names that are kept; beyond, the one given longest ago is forgotten. */
const MAX_ALIASES = 500;
const MAX_NAME = 40;
const MAX_TOPIC = 1_024;

export class Aliases {
  private readonly names = new BoundedMap<string, string>(MAX_ALIASES);
  private changes = 0;
  private readonly listeners = new Set<(isUrgent: boolean) => void>();

  /** Reads what {@link toJSON} made; anything else in it is left out. */
  static from(stored: unknown): Aliases {
    const aliases = new Aliases();
    const { names } = (typeof stored === 'object' && stored !== null ? stored : {}) as { names?: unknown };
    for (const pair of Array.isArray(names) ? names.slice(-MAX_ALIASES) : []) {
      const [topic, name] = Array.isArray(pair) ? (pair as unknown[]) : [];
      if (typeof topic === 'string' && typeof name === 'string' && isTopic(topic)) aliases.put(topic, name);
    }
    return aliases;
  }

  /** Number of changes so far. */
  get version(): number {
    return this.changes;
  }

  of(topic: string): string | undefined {
    return this.names.get(topic);
  }

  /** True if it is a name: some letters, digits, spaces and dashes, not all of them digits. */
  static isName(name: string): boolean {
    return (
      name.length <= MAX_NAME && /^[\p{L}\p{N}][\p{L}\p{M}\p{N} _-]*$/u.test(name) && /\p{L}/u.test(name)
    );
  }

  /** Names a topic; an empty name forgets the one that it has. */
  set(topic: string, name: string): void {
    this.put(topic, name);
    for (const listener of this.listeners) listener(false);
  }

  onChange(listener: (isUrgent: boolean) => void): void {
    this.listeners.add(listener);
  }

  toJSON(): { version: 1; names: [string, string][] } {
    return { version: 1, names: [...this.names] };
  }

  private put(topic: string, name: string): void {
    if (topic.length > MAX_TOPIC || (name !== '' && !Aliases.isName(name))) return;
    this.changes += 1;
    if (name === '') this.names.delete(topic);
    else this.names.set(topic, name);
  }
}
