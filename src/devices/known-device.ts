import { LOW, NOT_LOW } from '../alert/check-judge';
import { type Check, type CheckSubject, checkKey } from '../alert/device-check';
import type { Value } from '../alert/states';
import { plain } from '../base/printable';
import type { Device } from '../homeassistant/entity';
import type { Family, Observation, Signal } from './observation';

/** Weight of a reading in the signal: one weak reading among good ones is nothing. */
const WEIGHT = 0.2;
/** Readings without which no signal is called weak. */
const ENOUGH = 5;
/** Topics of a device whose names were looked up. */
const MAX_TOPICS = 200;
const MAX_NAME = 100;

/** What is known of a device, as output 2 shows it. */
export interface DeviceView {
  id: string;
  name: string;
  area: string;
  family: string;
  online?: boolean | undefined;
  battery?: number | string | undefined;
  signal?: number | undefined;
  update?: string | false | undefined;
}

/** What is known of one device. */
export class KnownDevice {
  family: Family;
  gateway: string | undefined;
  isGateway = false;
  online: boolean | undefined;
  /** In percent. */
  battery: number | undefined;
  /** Its id in the announcements for Home Assistant. */
  homeId: string | undefined;
  private isLow: boolean | undefined;
  private signal: number | undefined;
  private readings = 0;
  private saysIfSleeps: boolean | undefined;
  private mayStayAway = false;
  private update: string | false | undefined;
  private name: string;
  /** As its messages write it. */
  private ownName: string | undefined;
  private area = '';
  /** Announcements have said its name. */
  isNamed = false;
  private messages = 0;
  private readonly seqs = new Map<string, number>();
  private readonly keys = new Map<Check, string>();
  private readonly well = new Map<Check, Value>();
  private readonly subjects = new Map<Check, CheckSubject>();

  constructor(
    readonly id: string,
    family: Family,
  ) {
    this.family = family;
    this.name = plain(id, MAX_NAME);
  }

  /** It was heard of once or twice, and may be somebody's joke. */
  get isPassing(): boolean {
    return this.messages < 3 && !this.isNamed;
  }

  /** It sleeps between its messages, so that *offline* says nothing. */
  get sleeps(): boolean {
    return this.saysIfSleeps ?? this.mayStayAway;
  }

  keyOf(check: Check): string {
    let key = this.keys.get(check);
    if (key === undefined) {
      key = checkKey(this.id, check);
      this.keys.set(check, key);
    }
    return key;
  }

  learn(one: Observation): void {
    this.messages += 1;
    if (this.family === 'other' && one.family !== 'other') this.is({ family: one.family });
    if (one.gateway !== undefined && one.gateway !== this.gateway) this.is({ gateway: one.gateway });
    if (one.isGateway && !this.isGateway) this.is({ isGateway: true });
    if (one.name !== undefined && one.name !== this.ownName && !this.isNamed) {
      this.ownName = one.name;
      this.is({ name: plain(one.name, MAX_NAME) });
    }
    if (one.sleeps !== undefined) this.saysIfSleeps = one.sleeps;
    if (one.mayStayAway) this.mayStayAway = true;
    if (one.update !== undefined) this.update = one.update;
  }

  /** The number of the announcement after which the name of a topic was looked up. */
  seqOf(topic: string): number | undefined {
    return this.seqs.get(topic);
  }

  /** Topics whose names were looked up. */
  get topics(): string[] {
    return [...this.seqs.keys()];
  }

  /** What announcements call the device of this topic. */
  named(topic: string, seq: number, device: Device | undefined): void {
    if (this.seqs.get(topic) === seq) return;
    if (this.seqs.size >= MAX_TOPICS) this.seqs.clear();
    this.seqs.set(topic, seq);
    if (!device) return;
    this.homeId = device.id;
    if (device.name === '' || (device.name === this.name && device.area === this.area && this.isNamed))
      return;
    this.isNamed = true;
    this.is({ name: device.name, area: device.area });
  }

  /** What its battery is, taken together. */
  batteryNow({ battery, isBatteryLow }: Observation, below: number): Value {
    if (battery !== undefined) this.battery = battery;
    if (isBatteryLow !== undefined) this.isLow = isBatteryLow;
    if (this.battery === undefined) return this.isLow ? LOW : NOT_LOW;
    // It knows its battery better than its percentage, which sticks at 100 with some.
    return this.isLow && this.battery >= below ? LOW : this.battery;
  }

  /** The signal of late; undefined: too little is known. */
  signalNow({ value }: Signal): number | undefined {
    this.signal = this.signal === undefined ? value : this.signal + (value - this.signal) * WEIGHT;
    this.readings += 1;
    return this.readings < ENOUGH ? undefined : Math.round(this.signal);
  }

  wasWell(check: Check, value: Value): boolean {
    return this.well.get(check) === value;
  }

  /** @param value undefined: it is not well */
  setWell(check: Check, value: Value | undefined): void {
    if (value === undefined) this.well.delete(check);
    else this.well.set(check, value);
  }

  subject(check: Check): CheckSubject {
    let subject = this.subjects.get(check);
    if (!subject) {
      const { id, name, area, family, gateway, isGateway } = this;
      subject = {
        check,
        device: { id, name, area, family },
        // A gateway behind another one would have to wait for itself, if they named each other.
        ...(isGateway ? { isGateway } : gateway !== undefined && { behind: checkKey(gateway, 'offline') }),
      };
      this.subjects.set(check, subject);
    }
    return subject;
  }

  view(): DeviceView {
    const { id, name, area, family, online, battery, signal, update, isLow } = this;
    return {
      ...{ id, name, area, family },
      ...(online !== undefined && { online }),
      ...(battery !== undefined ? { battery } : isLow !== undefined && { battery: isLow ? LOW : NOT_LOW }),
      ...(signal !== undefined && { signal: Math.round(signal) }),
      ...(update !== undefined && { update }),
    };
  }

  private is(news: {
    family?: Family;
    gateway?: string;
    isGateway?: true;
    name?: string;
    area?: string;
  }): void {
    Object.assign(this, news);
    this.subjects.clear();
  }
}
