import type { Duplex } from 'node:stream';

/**
 * Gathers the packets of one turn of the event loop into one write to the socket: a system call for each costs more
 * than everything else that is done for a short message.
 */
export class WriteBatcher {
  private corked: Duplex | undefined;

  /** A packet is about to be written to `stream`. */
  add(stream: Duplex): void {
    if (this.corked === stream) return;
    this.flush();
    this.corked = stream;
    stream.cork();
    setImmediate(() => {
      if (this.corked === stream) this.flush();
    });
  }

  /** Writes the gathered packets without waiting for the end of the turn. */
  flush(): void {
    this.corked?.uncork();
    this.corked = undefined;
  }
}
