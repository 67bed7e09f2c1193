/** Changes that are not written yet. */
export class UnsavedChanges {
  /** Something changed that must outlast the process. */
  urgent = false;
  private keys = new Set<string>();
  private node = false;

  get isEmpty(): boolean {
    return !this.node && this.keys.size === 0;
  }

  has(key: string): boolean {
    return this.keys.has(key);
  }

  /** Something that may be written a little later. */
  note(key: string): void {
    this.keys.add(key);
  }

  noteNode(): void {
    this.node = true;
  }

  /** All since the last call: keys by name, and whether something of the node changed. */
  take(): { keys: Set<string>; node: boolean } {
    const { keys, node } = this;
    this.keys = new Set();
    this.node = false;
    return { keys, node };
  }
}
