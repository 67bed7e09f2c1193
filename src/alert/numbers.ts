/** Short numbers for open alerts: always the smallest that is free. */
export class Numbers {
  private readonly taken = new Set<number>();
  private smallest = 1;

  take(): number {
    while (this.taken.has(this.smallest)) this.smallest += 1;
    this.taken.add(this.smallest);
    return this.smallest;
  }

  occupy(number: number): void {
    this.taken.add(number);
  }

  free(number: number): void {
    this.taken.delete(number);
    this.smallest = Math.min(this.smallest, number);
  }
}
