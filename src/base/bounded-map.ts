/** A Map that keeps the newest: beyond `max` it forgets the key that was set longest ago. */
export class BoundedMap<K, V> extends Map<K, V> {
  constructor(private readonly max: number) {
    super();
  }

  override set(key: K, value: V): this {
    this.delete(key);
    super.set(key, value);
    if (this.size > this.max) {
      for (const oldest of this.keys()) {
        this.delete(oldest);
        break;
      }
    }
    return this;
  }
}

/** The same for values alone: for things that are said or asked once, as long as they are remembered. */
export class BoundedSet<T> {
  private readonly values: BoundedMap<T, true>;

  constructor(max: number) {
    this.values = new BoundedMap(max);
  }

  has(value: T): boolean {
    return this.values.has(value);
  }

  /** True if it was not in there. A known value keeps its age. */
  add(value: T): boolean {
    if (this.values.has(value)) return false;
    this.values.set(value, true);
    return true;
  }

  delete(value: T): void {
    this.values.delete(value);
  }

  clear(): void {
    this.values.clear();
  }
}
