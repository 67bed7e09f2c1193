import type { CheckRules } from '../../alert/check-judge';
import { CheckJudge } from '../../alert/check-judge';
import type { AlertMachine } from '../../alert/machine';
import type { Clock } from '../../base/clock';
import { DeviceWatch } from '../../devices/device-watch';
import type { KnownDevice } from '../../devices/known-device';
import { measuredBy } from '../../history/measured';
import { DEFAULT_PREFIX, isDiscovery } from '../../homeassistant/announcement';
import { Entities } from '../../homeassistant/entities';
import type { DiscoveryReader } from '../../runtime/homeassistant/discovery-reader';
import { type Message, MessageError } from './message-reader';

/** A device needs room for its silence, and for one alert. */
const KEYS_EACH = 2;

export interface NodeDevicesOptions {
  machine: AlertMachine;
  rules: CheckRules;
  clock: Clock;
  /** Reads what devices announce for Home Assistant; undefined: the node has no connection, its messages may tell. */
  reader: DiscoveryReader | undefined;
  /** There is no room; called once. */
  full(): void;
  /** What was announced of a topic takes too long, and is not read any more; called once, for the first one. */
  slow(topic: string): void;
  /** Their number is another one. */
  counted(): void;
}

/** The devices of a `dinox-alert` that watches devices: its messages, and what is announced on its connection. */
export class NodeDevices {
  private readonly watch: DeviceWatch;
  /** Announcements that came in as messages. */
  private own: Entities | undefined;
  private readonly stopReading: () => void;
  private isFull = false;
  private isSlow = false;

  constructor(private readonly options: NodeDevicesOptions) {
    const { machine, rules, clock, reader, full, slow } = options;
    this.watch = new DeviceWatch({
      judge: new CheckJudge(rules),
      checks: machine.checks,
      isOpen: (key) => machine.keys.map.get(key)?.episode !== undefined,
      clock,
      maxDevices: Math.max(1, Math.floor(machine.rules.maxKeys / KEYS_EACH)),
      full: () => {
        if (!this.isFull) full();
        this.isFull = true;
      },
      slow: (topic) => {
        if (!this.isSlow) slow(topic);
        this.isSlow = true;
      },
    });
    this.stopReading =
      reader?.listen({
        changed: (change) => this.watch.announced(change),
        // Devices have no names then, and are watched all the same.
        refused: () => {},
      }) ?? (() => {});
    if (reader) this.watch.announced({ added: [...reader.entities.all()], changed: [], removed: [] });
  }

  get size(): number {
    return this.watch.devices.size;
  }

  /**
   * Takes a message from any topic.
   * @returns the devices that it is about; none: it says nothing about devices
   * @throws MessageError if it has no topic
   */
  take(msg: Message): readonly KnownDevice[] {
    const { topic, payload } = msg;
    if (typeof topic !== 'string' || topic === '') throw new MessageError('keyMissing');
    if (isDiscovery(topic, this.options.reader?.prefix)) {
      if (!this.options.reader) this.announce(topic, payload);
      return [];
    }
    const { clock, counted } = this.options;
    const before = this.size;
    const isKept = msg.retain === true && msg.replayed !== false;
    const about = this.watch.take(topic, payload, measuredBy(msg, clock.now()), isKept);
    if (this.size !== before) counted();
    return about;
  }

  forget(id: string): boolean {
    return this.watch.forget(id);
  }

  close(comesBack: boolean): void {
    this.stopReading();
    this.watch.close(comesBack);
  }

  private announce(topic: string, payload: unknown): void {
    this.own ??= new Entities({ prefix: DEFAULT_PREFIX });
    const bytes = bytesOf(payload);
    const change = bytes && this.own.take(topic, bytes);
    if (change) this.watch.announced(change);
  }
}

function bytesOf(payload: unknown): Buffer | undefined {
  if (Buffer.isBuffer(payload)) return payload;
  if (typeof payload === 'string') return Buffer.from(payload);
  try {
    return Buffer.from(JSON.stringify(payload) ?? '');
  } catch {
    // Deeper than the stack, or a circle.
    return undefined;
  }
}
