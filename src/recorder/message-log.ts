import type { Clock } from '../base/clock';

/** A message as it came. */
export interface LoggedMessage {
  /** Rises with each message of the topic. */
  readonly number: number;
  /** Milliseconds since the epoch; 0: the server had kept it, and it does not say since when. */
  readonly at: number;
  readonly qos: number;
  /** Length of the whole payload. */
  readonly bytes: number;
  /** The payload, or its beginning. */
  readonly payload: Buffer;
}

const MAX_MESSAGES = 100;
const MAX_BYTES = 262_144;
/** Bytes of a payload that are kept. */
const MAX_PAYLOAD = 32_768;
/** Milliseconds for which a log is kept after the last question. */
const LEASE_MS = 30_000;
/** Logs at a time: with all of them full they take 5 MB. */
const MAX_LOGS = 20;

/** The last messages of one topic, bounded in number and size. */
export class MessageLog {
  private readonly messages: LoggedMessage[] = [];
  private bytes = 0;

  /** @param count the number before the first one: higher than those of earlier logs of the topic, such as the time. */
  constructor(private count = 0) {}

  /** @param bytes length of the whole payload, if this is its beginning */
  add(at: number, qos: number, payload: Buffer, bytes = payload.length): void {
    this.count += 1;
    // A copy, because the payload is a part of all that the socket read.
    const kept = Buffer.from(payload.subarray(0, MAX_PAYLOAD));
    this.messages.push({ number: this.count, at, qos, bytes, payload: kept });
    this.bytes += kept.length;
    while (this.messages.length > MAX_MESSAGES || this.bytes > MAX_BYTES)
      this.bytes -= this.messages.shift()?.payload.length ?? 0;
  }

  /** Messages after this number, the oldest first. */
  after(number: number): LoggedMessage[] {
    return this.messages.filter((one) => one.number > number);
  }
}

/** The logs of topics that somebody looks at. Each ends some time after the last question for it. */
export class MessageLogs {
  private readonly open = new Map<string, { log: MessageLog; stop: () => void }>();

  /**
   * @param begin called for a topic whose log begins; it fills the log from now on.
   * @param end called when nobody looks any more.
   */
  constructor(
    private readonly clock: Clock,
    private readonly begin: (topic: string, log: MessageLog) => void,
    private readonly end: (topic: string) => void,
  ) {}

  /** The log of a topic, which begins with the first question. */
  of(topic: string): MessageLog {
    const known = this.open.get(topic);
    known?.stop();
    const log = known?.log ?? new MessageLog(this.clock.now());
    this.open.delete(topic);
    this.open.set(topic, { log, stop: this.clock.after(LEASE_MS, () => this.close(topic)) });
    if (!known) {
      this.begin(topic, log);
      for (const oldest of this.open.keys()) {
        if (this.open.size <= MAX_LOGS) break;
        this.close(oldest);
      }
    }
    return log;
  }

  /** Ends the log of a topic, or all of them. */
  close(topic?: string): void {
    for (const one of topic === undefined ? [...this.open.keys()] : [topic]) {
      const known = this.open.get(one);
      if (!known) continue;
      known.stop();
      this.open.delete(one);
      this.end(one);
    }
  }
}
