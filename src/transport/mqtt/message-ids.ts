/** Packet identifiers are 1 to 65,535 (MQTT 5 §2.2.1). */
const MAX = 65_535;

/**
 * Packet identifiers of which none is given out while it is in use, and none again before all others were.
 *
 * MQTT.js brings two providers, and both lose messages. Its default only counts: where one message is never
 * acknowledged, the 65,535th after it takes its place, and it is never heard of again. `UniqueMessageIdProvider` gives
 * out the lowest that is free, which is the one just given back: a second PUBACK then confirms the next message, which
 * may never arrive; and a message at QoS 2 whose lifetime ended (`lifetimes.ts`) hands its identifier to the next one,
 * which a server that still waits for the release takes for a copy (MQTT 5 §4.3.3).
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

  /** Takes this very one; false if it is in use. */
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
