/** Packet identifiers are 1 to 65,535 (MQTT 5 §2.2.1). */
const MAX = 65_535;

/**
 * Packet identifiers of which none is given out while it is in use. MQTT.js's own provider only counts: where one
 * message is never acknowledged, the 65,535th after it takes its place, and it is never heard of again.
 */
export class MessageIds {
  private readonly used = new Uint8Array(MAX + 1);
  private last = 0;

  /** Null where all are in use. */
  allocate(): number | null {
    for (let tries = 0; tries < MAX; tries++) {
      this.last = (this.last % MAX) + 1;
      if (this.register(this.last)) return this.last;
    }
    return null;
  }

  getLastAllocated(): number | null {
    return this.last === 0 ? null : this.last;
  }

  /** Takes this very one; false where it is in use. */
  register(id: number): boolean {
    if (this.used[id] !== 0) return false;
    this.used[id] = 1;
    return true;
  }

  deallocate(id: number): void {
    this.used[id] = 0;
  }

  clear(): void {
    this.used.fill(0);
  }
}
