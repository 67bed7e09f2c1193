import type { Clock } from '../../base/clock';
import type { LinkError } from '../errors';
import type { LinkOpening } from '../link';
import type { LinkOptions } from '../mqtt/client';
import { MqttLink } from '../mqtt/link';

/** Longest wait for one answer before silence counts, in milliseconds. */
const ANSWER_TIMEOUT = 5_000;
/** Longest delay of a message behind one that was sent later, in milliseconds. */
const GRACE = 700;
const MAX_LIST_LENGTH = 200;

export interface SeenMessage {
  topic: string;
  payload: string;
  retain: boolean;
}

export type ProbeClientOptions = Omit<LinkOptions, 'nextDelay' | 'steady' | 'keepalive' | 'clean'>;

/** One MQTT connection for one question: it never comes back by itself, and keeps no session. */
export class ProbeClient {
  readonly messages: SeenMessage[] = [];
  /** The reason for the loss; undefined while connected. */
  lost: LinkError | undefined;
  private watchers: (() => void)[] = [];

  private constructor(
    readonly connack: LinkOpening,
    private readonly link: MqttLink,
    private readonly clock: Clock,
  ) {}

  /** Connects. Rejects with a `LinkError`, or with the signal's reason if that comes first. */
  static open(
    mqtt: typeof import('mqtt'),
    options: ProbeClientOptions,
    clock: Clock,
    signal: AbortSignal,
  ): Promise<ProbeClient> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      let line: ProbeClient | undefined;
      const fail = (reason: Error): void => {
        signal.removeEventListener('abort', abort);
        void link.end();
        reject(reason);
      };
      const abort = (): void => fail(signal.reason as Error);
      const link = new MqttLink(
        mqtt,
        {
          ...options,
          keepalive: 30,
          clean: true,
          nextDelay: () => 60_000,
          steady: () => clock.steady(),
        },
        {
          connected: (connack) => {
            signal.removeEventListener('abort', abort);
            line = new ProbeClient(connack, link, clock);
            resolve(line);
          },
          down: (reason) => {
            if (line) line.breaks(reason);
            else fail(reason);
          },
          retrying: () => {},
          message: (topic, payload, packet) =>
            line?.takes({ topic, payload: payload.toString('utf8', 0, 200), retain: packet.retain }),
          drained: () => {},
          malformed: () => {},
        },
      );
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  /** Subscribes; the result is the SUBACK's reason code, undefined if none came. */
  async subscribe(filter: string, qos: 0 | 1 | 2): Promise<number | undefined> {
    let code: number | undefined;
    this.link.subscribe([{ filter, qos, nl: false, rap: true, rh: 0 }], undefined, (error, codes) => {
      const [answer] = codes;
      if (!error && typeof answer === 'number') code = answer;
      this.changed();
    });
    await this.until(() => code !== undefined, ANSWER_TIMEOUT);
    return code;
  }

  /** Publishes; the result tells at any time if the server has acknowledged the message as its QoS requires. */
  publish(topic: string, payload: string, qos: 0 | 1 | 2, retain = false): () => boolean {
    let done = false;
    this.link.publish({ topic, payload, qos, retain }, (error) => {
      done = error === undefined;
      this.changed();
    });
    return () => done;
  }

  /**
   * Waits for an earlier message. A `marker` is published now, and its return ends the wait, but for a moment of grace.
   * So silence is told from slowness.
   * @returns undefined if not even the marker came back.
   */
  async before(
    look: () => boolean,
    marker: { topic: string; payload: string },
  ): Promise<boolean | undefined> {
    this.publish(marker.topic, marker.payload, 0);
    const isBack = (): boolean => this.messages.some(({ payload }) => payload === marker.payload);
    await this.until(() => look() || isBack(), ANSWER_TIMEOUT);
    if (look()) return true;
    if (!isBack()) return undefined;
    return this.until(look, GRACE);
  }

  /** Waits until `look` is true; false if the time is over or the connection is lost. */
  until(look: () => boolean, ms = ANSWER_TIMEOUT): Promise<boolean> {
    if (look() || this.lost) return Promise.resolve(look());
    return new Promise((resolve) => {
      const settle = (): void => {
        cancel();
        this.watchers = this.watchers.filter((one) => one !== watch);
        resolve(look());
      };
      const watch = (): void => {
        if (look() || this.lost) settle();
      };
      const cancel = this.clock.after(ms, settle);
      this.watchers.push(watch);
    });
  }

  end(): Promise<void> {
    return this.link.end();
  }

  private takes(message: SeenMessage): void {
    if (this.messages.push(message) > MAX_LIST_LENGTH) this.messages.shift();
    this.changed();
  }

  private breaks(reason: LinkError): void {
    this.lost ??= reason;
    void this.link.end();
    this.changed();
  }

  private changed(): void {
    for (const watch of [...this.watchers]) watch();
  }
}
