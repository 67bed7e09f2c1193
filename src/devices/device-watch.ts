import type { CheckIntake } from '../alert/check-intake';
import { type CheckJudge, CURRENT, OFFLINE, ONLINE } from '../alert/check-judge';
import type { Check } from '../alert/device-check';
import type { Value } from '../alert/states';
import { BoundedMap } from '../base/bounded-map';
import type { Clock } from '../base/clock';
import { oneLine } from '../base/printable';
import type { EntityChange } from '../homeassistant/entities';
import type { Entity } from '../homeassistant/entity';
import { Content } from './content';
import { DeviceBook, textOf } from './device-book';
import { DeviceTopics } from './device-topics';
import { baseOf } from './families/zigbee2mqtt';
import { KnownDevice } from './known-device';
import type { Observation } from './observation';

/** Milliseconds for which a device must be offline before it is: its gateway may be, which is heard a moment later. */
const AWAY_FOR = 3_000;
/** The same right after the start, when what servers have kept comes in any order. */
const AWAY_AT_START = 5_000;
/** Milliseconds for which what was kept and is not understood waits for an announcement that explains it. */
const UNREAD_FOR = 10_000;
/** Such messages, and their characters. */
const MAX_UNREAD = 2_000;
const MAX_UNREAD_LENGTH = 2_000;
/** Milliseconds that the devices of a gateway have for coming back after it. */
const BACK_FOR = 10_000;
/** The same for a device whose announcement was taken away: it may be announced anew. */
const GONE_FOR = 60_000;
/** A longer id is no device's: one that is heard by another writes its own. */
const MAX_ID_LENGTH = 1_000;
const DEVICE_LIST = '/bridge/devices';
/** Devices for which there was no room are evicted if they said nothing but once; so many are looked through. */
const LOOK_THROUGH = 50;

export interface DeviceWatchOptions {
  judge: CheckJudge;
  checks: Pick<CheckIntake, 'take' | 'heard' | 'restart' | 'forget' | 'passed' | 'forgotten'>;
  /** True while an alert of this key is open. */
  isOpen(key: string): boolean;
  clock: Clock;
  maxDevices: number;
  /** There is no room for a device or for its alert. */
  full(): void;
  /** What was announced of a topic takes too long to read. */
  slow?(topic: string): void;
}

/** All devices behind one node: from messages to what the checks of a device find. */
export class DeviceWatch {
  readonly devices = new Map<string, KnownDevice>();
  private readonly topics = new DeviceTopics();
  private readonly book: DeviceBook;
  /** Devices that may be evicted, and some that have stayed since; the oldest first. */
  private readonly passing = new Set<KnownDevice>();
  /** Devices that are offline, and not yet long enough. */
  private readonly away = new Set<KnownDevice>();
  /** By their key: what was found of devices that may get a name in a moment. */
  private readonly nameless = new Map<string, { device: KnownDevice; tell: () => void }>();
  /** What was kept, by topic: an announcement may come after it. */
  private readonly unread = new BoundedMap<string, { text: string; measured: number | undefined }>(
    MAX_UNREAD,
  );
  private readonly stops = new Map<string, () => void>();
  private readonly begun: number;

  constructor(private readonly options: DeviceWatchOptions) {
    this.begun = options.clock.steady();
    this.book = new DeviceBook(options.clock, (topic) => options.slow?.(topic));
  }

  /**
   * Takes a message.
   * @param measured as `AlertMachine.sample` takes it
   * @param isKept a server had kept it
   * @returns the devices that it is about
   */
  take(topic: string, payload: unknown, measured: number | undefined, isKept: boolean): KnownDevice[] {
    const content = new Content(payload);
    const found = this.topics.read(topic, content) ?? this.book.read(topic, content);
    if (isKept) this.keepUnread(topic, found ? undefined : content, measured);
    if (!found) return [];
    if (topic.endsWith(DEVICE_LIST)) this.forgetUnlisted(topic.slice(0, -DEVICE_LIST.length));
    const about: KnownDevice[] = [];
    for (const one of found) {
      const device = this.deviceFor(one, topic, isKept);
      if (!device) continue;
      this.note(device, one, measured, isKept);
      about.push(device);
    }
    return about;
  }

  /** Takes what devices announce for Home Assistant: names, rooms, and what was taken away. */
  announced(change: EntityChange): void {
    this.book.take(change);
    if (this.unread.size > 0) this.readUnread([...change.added, ...change.changed]);
    for (const { device } of change.removed)
      if (device && this.book.isGone(device.id) && this.knowsHome(device.id))
        this.later(`gone ${device.id}`, GONE_FOR, () => this.goes(device.id));
  }

  /** Forgets a device that was removed on purpose: what servers keep of it does not bring it back. */
  forget(id: string): boolean {
    const { checks } = this.options;
    const device = this.devices.get(id);
    if (device) this.drop(device);
    return checks.forget(id, device !== undefined);
  }

  /** @param comesBack its successor hears only what is said from then on */
  close(comesBack: boolean): void {
    // What servers have kept comes once more to whoever has just begun.
    const isSettled = this.options.clock.steady() - this.begun >= AWAY_AT_START;
    if (comesBack && isSettled && this.stops.has('away')) this.tellAway();
    if (comesBack) this.tellNameless();
    for (const stop of this.stops.values()) stop();
    this.stops.clear();
  }

  private deviceFor(one: Observation, topic: string, isKept: boolean): KnownDevice | undefined {
    const { checks, maxDevices, full } = this.options;
    let device = this.devices.get(one.device);
    if (!device) {
      if (one.isCleared || one.device === '' || one.device.length > MAX_ID_LENGTH) return undefined;
      if (checks.forgotten.has(one.device)) {
        // It lives: then it was not removed, or it is there again.
        if (isKept || !(one.isAlive || one.online)) return undefined;
        checks.forgotten.delete(one.device);
      }
      if (this.devices.size >= maxDevices && !this.makeRoom()) {
        full();
        return undefined;
      }
      device = new KnownDevice(one.device, one.family);
      this.devices.set(one.device, device);
      this.passing.add(device);
    }
    device.learn(one);
    const named = this.book.seq === device.seqOf(topic) ? undefined : this.book.deviceOf(topic);
    device.named(topic, this.book.seq, named);
    return device;
  }

  /** Devices of which nothing but one kind of message came make room for others. */
  private makeRoom(): boolean {
    let looked = 0;
    for (const device of this.passing) {
      this.passing.delete(device);
      if (!device.isPassing) continue;
      if (!this.options.isOpen(device.keyOf('offline'))) {
        this.drop(device);
        this.options.checks.passed(device.id);
        return true;
      }
      // Its turn comes again behind all others.
      this.passing.add(device);
      if (++looked >= LOOK_THROUGH) return false;
    }
    return false;
  }

  private drop(device: KnownDevice): void {
    this.devices.delete(device.id);
    for (const set of [this.passing, this.away]) set.delete(device);
  }

  private note(device: KnownDevice, one: Observation, measured: number | undefined, isKept: boolean): void {
    if (one.isAlive) this.heard(device, measured);
    if (one.online !== undefined) this.noteAvailability(device, one.online);
    // Nothing is known then, and least of all that it is back: an open alert stays.
    else if (one.isCleared) this.unknown(device);
    if (one.battery !== undefined || one.isBatteryLow !== undefined)
      this.find(
        device,
        'battery',
        device.batteryNow(one, this.options.judge.rules.batteryBelow),
        device.battery === undefined ? '' : '%',
        isKept,
      );
    if (one.update !== undefined)
      this.find(device, 'update', one.update === false ? CURRENT : oneLine(one.update), '', isKept);
    if (one.signal && !isKept) {
      const signal = device.signalNow(one.signal);
      if (signal !== undefined) this.find(device, 'signal', signal, one.signal.unit);
    }
  }

  private heard(device: KnownDevice, measured: number | undefined): void {
    const { judge, checks, full } = this.options;
    if (!judge.finds('silent')) return;
    if (!checks.heard(device.keyOf('silent'), device.subject('silent'), judge, measured)) full();
  }

  private unknown(device: KnownDevice): void {
    device.online = undefined;
    this.away.delete(device);
  }

  private noteAvailability(device: KnownDevice, isOnline: boolean): void {
    const { judge } = this.options;
    device.online = isOnline;
    if (!judge.finds('offline')) return;
    if (!isOnline && !device.sleeps) {
      this.stop(`back ${device.id}`);
      this.away.add(device);
      this.soon('away', () => this.tellAway());
      return;
    }
    this.away.delete(device);
    const key = device.keyOf('offline');
    if (!device.isGateway || !this.options.isOpen(key)) {
      this.find(device, 'offline', ONLINE, '');
      return;
    }
    if (this.stops.has(`back ${device.id}`)) return;
    // Its devices come back one after the other. Until they had time for it, their alerts wait.
    for (const one of this.devices.values())
      if (one.gateway === device.id) this.options.checks.restart(one.keyOf('silent'));
    this.later(`back ${device.id}`, BACK_FOR, () => this.find(device, 'offline', ONLINE, ''));
  }

  /** Gateways come first: they hold back what is behind them. */
  private tellAway(): void {
    const all = [...this.away];
    this.away.clear();
    for (const isGateway of [true, false])
      for (const device of all)
        if (device.isGateway === isGateway && device.online === false && !device.sleeps) {
          this.rename(device);
          this.find(device, 'offline', OFFLINE, '');
        }
  }

  /** What was kept of devices is told by their names, if those came meanwhile. */
  private tellNameless(): void {
    const all = [...this.nameless.values()];
    this.nameless.clear();
    for (const { device, tell } of all) {
      if (this.devices.get(device.id) !== device) continue;
      this.rename(device);
      tell();
    }
  }

  /** The name may have been announced after its last message. */
  private rename(device: KnownDevice): void {
    const { book } = this;
    for (const topic of device.topics)
      if (device.seqOf(topic) !== book.seq) device.named(topic, book.seq, book.deviceOf(topic));
  }

  /** @param content undefined: it was understood */
  private keepUnread(topic: string, content: Content | undefined, measured: number | undefined): void {
    this.unread.delete(topic);
    const text = content && textOf(content);
    if (!text || text.length > MAX_UNREAD_LENGTH) return;
    this.unread.set(topic, { text, measured });
    this.later('unread', UNREAD_FOR, () => this.unread.clear());
  }

  /** What was kept may have come before the announcement that says what it means. */
  private readUnread(entities: readonly Entity[]): void {
    for (const { topics } of entities)
      for (const topic of topics) {
        const kept = this.unread.get(topic);
        if (kept) this.take(topic, kept.text, kept.measured, true);
      }
  }

  /** @param isKept a server had kept it, and what gives the device a name may still be to come */
  private find(device: KnownDevice, check: Check, value: Value, unit: string, isKept = false): void {
    const { judge, checks, full, isOpen } = this.options;
    // What was well, and is the same, is no news.
    if (!judge.finds(check) || device.wasWell(check, value)) return;
    const finding = judge.judge(check, value, unit);
    if (finding.judgement === 'good') device.setWell(check, value);
    else device.setWell(check, undefined);
    const key = device.keyOf(check);
    this.nameless.delete(key);
    if (isKept && finding.judgement === 'bad' && !device.isNamed && !isOpen(key)) {
      this.nameless.set(key, { device, tell: () => this.find(device, check, value, unit) });
      this.soon('names', () => this.tellNameless());
      return;
    }
    if (!checks.take(key, device.subject(check), finding)) full();
  }

  /** A bridge has said which devices there are: others of its own were removed. */
  private forgetUnlisted(base: string): void {
    const { home } = this.topics;
    const listed = home.bases.get(base);
    if (!listed) return;
    const bridge = `${base}/bridge`;
    const isOurs = ({ id, family, gateway }: KnownDevice): boolean =>
      gateway === bridge && family === 'zigbee2mqtt' && !listed.has(id) && baseOf(id, home) === base;
    for (const device of [...this.devices.values()]) if (isOurs(device)) this.forget(device.id);
  }

  /** True if a device is known by its announcements: others that go are none of ours. */
  private knowsHome(homeId: string): boolean {
    for (const device of this.devices.values()) if (device.homeId === homeId) return true;
    return false;
  }

  private goes(homeId: string): void {
    if (!this.book.isGone(homeId)) return;
    for (const device of [...this.devices.values()]) if (device.homeId === homeId) this.forget(device.id);
  }

  /** As {@link later}, unless it is about to be: a little later right after the start. */
  private soon(name: string, action: () => void): void {
    if (this.stops.has(name)) return;
    const age = this.options.clock.steady() - this.begun;
    this.later(name, Math.max(AWAY_FOR, AWAY_AT_START - age), action);
  }

  private later(name: string, ms: number, action: () => void): void {
    this.stop(name);
    const stop = this.options.clock.after(ms, () => {
      this.stops.delete(name);
      action();
    });
    this.stops.set(name, stop);
  }

  private stop(name: string): void {
    this.stops.get(name)?.();
    this.stops.delete(name);
  }
}
