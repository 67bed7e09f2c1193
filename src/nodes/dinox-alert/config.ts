import type { CheckRules } from '../../alert/check-judge';
import { CHECKS } from '../../alert/device-check';
import { DigestTime } from '../../alert/digest';
import type { Limits } from '../../alert/limits';
import { QuietHours, timeFormat } from '../../alert/quiet-hours';
import { LimitsError, readyLimits } from '../../alert/ready-limits';
import {
  CONDITIONS,
  type Condition,
  DEFAULT_RULES,
  type Hysteresis,
  type LimitSource,
  type Rules,
} from '../../alert/rules';
import { type NameIn, text } from '../../base/catalogue';
import { parseDuration } from '../../base/duration';
import { Fault } from '../../base/fault';
import { FIELD_RANGES } from '../../base/field-ranges';
import type { Text, TextParam } from '../../base/text';
import { readWhole } from '../../base/whole-number';
import { MessageTemplate } from '../../homeassistant/templates/message-template';
import { flag, trimmed } from '../../runtime/config/raw-fields';
import { typedAddress } from '../../xmpp/address-text';
import { entriesOf, MAX_RECIPIENTS, RECIPIENT_SEPARATOR } from '../../xmpp/typed-addresses';
import { type DependsOn, readDependsOn } from './depends-on';
import { type LimitLookup, readHysteresis, readLength, readLimits } from './field-readings';
import { type Path, PathError, parsePath } from './message-path';

/** The place in a message that something is read from. */
export type MessageField =
  | { from: 'path'; path: Path }
  | { from: 'jsonata'; expression: string }
  | { from: 'topic' }
  | { from: 'none' };

export interface AlertConfig {
  rules: Rules;
  /** What is watched of devices; undefined: the node watches values. */
  devices: CheckRules | undefined;
  /** Undefined if a limit is looked up for each sample. */
  limits: Limits | undefined;
  lookups: readonly LimitLookup[];
  property: MessageField;
  keyBy: MessageField;
  decimalComma: boolean;
  unit: string;
  timeZone: string;
  /** Length of the history, in milliseconds; 0: none. */
  history: number;
  persist: boolean;
  /** Confirmation that people have an alert. `auto`: by the node that sends it, if one is wired. */
  confirm: 'auto' | 'wait' | 'off';
  chatControl: boolean;
  showInHomeAssistant: boolean;
  /** True if alerts are published as retained topics, on the node's connection. */
  publishAlerts: boolean;
  dependsOn: readonly DependsOn[];
  /** What is said instead of the plain words; one that cannot be read has a fault, and stops no alert. */
  message: MessageTemplate | undefined;
  /** JIDs of those who get an alert that nobody acknowledged in time. */
  escalateTo: readonly string[];
  /** The faults of its fields. */
  problems: readonly Text[];
}

type Raw = Readonly<Record<string, unknown>>;

const SHOWN = 40;

/** Reads the fields of a `dinox-alert`, once. No other code sees the raw text. */
export function alertConfig(def: Raw): AlertConfig {
  const problems: Text[] = [];
  const reader = new Reader(def, problems);
  const isDevices = reader.choice('watch', ['values', 'devices'], 'values') === 'devices';
  // Devices are judged by their checks, and silence is a gap of their keys.
  const condition = isDevices ? 'nodata' : reader.choice('condition', CONDITIONS, DEFAULT_RULES.condition);
  const hysteresis = reader.hysteresis();
  const lookups: LimitLookup[] = [];
  const limitSource = reader.limits(condition, lookups);
  const timeZone = trimmed(def.timeZone);
  const rules: Rules = {
    condition,
    limits: limitSource,
    hysteresis,
    holdFor: reader.duration('holdFor', 0),
    keepFor: reader.duration('keepFor', 0),
    noDataAfter: isDevices ? 0 : reader.duration('noDataAfter', 0),
    noDataAs: isDevices ? 'alert' : reader.choice('noDataAs', ['alert', 'keep', 'normal'], 'alert'),
    rateWindow: reader.duration('rateWindow', DEFAULT_RULES.rateWindow),
    repeatEvery: reader.duration('repeatEvery', 0),
    cooldown: reader.duration('cooldown', 0),
    escalateAfter: reader.duration('escalateAfter', 0),
    quietHours: reader.quietHours(timeZone),
    quietPass: reader.choice('quietPass', ['critical', 'all', 'none'], 'critical'),
    ...(isDevices && { digest: reader.digest(timeZone) }),
    groupWait: reader.duration('groupWait', 0),
    flapCount: reader.whole('flapCount', 0),
    flapWindow: reader.duration('flapWindow', DEFAULT_RULES.flapWindow),
    maxKeys: reader.whole('maxKeys', DEFAULT_RULES.maxKeys),
    sendResolved: flag(def.sendResolved, true),
  };
  const escalateTo = reader.recipients('escalateTo');
  rules.escalatesAll = escalateTo.length > 0;
  if (condition === 'rate' && rules.rateWindow === 0) reader.problem('durationZero', 'rateWindow');
  if (!isDevices && condition === 'nodata' && rules.noDataAfter === 0)
    reader.problem('durationZero', 'noDataAfter');
  if (rules.flapCount > 0 && rules.flapWindow === 0) reader.problem('durationZero', 'flapWindow');
  if (rules.flapCount === 1) reader.problem('flapCount', 'flapCount');
  return {
    rules,
    devices: isDevices ? reader.devices(hysteresis) : undefined,
    limits: reader.ready(condition, limitSource, hysteresis, lookups),
    lookups,
    property: reader.source('property', 'propertyType', 'payload'),
    keyBy: reader.keyBy(),
    decimalComma: flag(def.decimalComma, false),
    unit: trimmed(def.unit).slice(0, 20),
    timeZone,
    // The checks of devices change too seldom for a day to tell anything.
    history: isDevices ? 0 : reader.history(),
    persist: flag(def.persist, true),
    confirm: reader.choice('confirm', ['auto', 'wait', 'off'], 'auto'),
    chatControl: flag(def.chatControl, false),
    showInHomeAssistant: !isDevices && flag(def.showInHomeAssistant, false),
    publishAlerts: flag(def.publishAlerts, false),
    dependsOn: reader.dependsOn(),
    message: isDevices || trimmed(def.message) === '' ? undefined : new MessageTemplate(String(def.message)),
    escalateTo,
    problems,
  };
}

type WholeField = 'flapCount' | 'maxKeys' | 'batteryBelow' | 'signalBelow' | 'silentFactor';

class Reader {
  constructor(
    private readonly def: Raw,
    private readonly problems: Text[],
  ) {}

  problem(name: NameIn<'rule'>, field: string, params: Readonly<Record<string, TextParam>> = {}): void {
    this.fault(field, text(`rule.${name}`, params));
  }

  private fault(field: string, why: Text): void {
    this.problems.push(text('config.problem', { field, text: why }));
  }

  choice<T extends string>(field: string, choices: readonly T[], fallback: T): T {
    const value = trimmed(this.def[field]);
    if (value === '') return fallback;
    const found = choices.find((choice) => choice === value);
    if (found === undefined) this.problem('choice', field, { value: value.slice(0, SHOWN) });
    return found ?? fallback;
  }

  duration(field: string, fallback: number): number {
    const raw = trimmed(this.def[field]);
    if (raw === '') return fallback;
    const ms = readLength(raw);
    if (ms !== undefined) return ms;
    this.problem('duration', field, { value: raw.slice(0, SHOWN) });
    return fallback;
  }

  whole(field: WholeField, fallback: number): number {
    const raw = trimmed(this.def[field]);
    const number = raw === '' ? fallback : readWhole(raw, FIELD_RANGES[field]);
    if (!(number instanceof Fault)) return number;
    this.fault(field, number.text);
    return fallback;
  }

  /** The checks are a list, or a text with commas; none: all. */
  devices({ size, percent }: Hysteresis): CheckRules {
    const raw = this.def.checks;
    const typed = Array.isArray(raw) ? raw.map(String) : entriesOf(trimmed(raw), /[\s,;]+/);
    const known = CHECKS.filter((check) => typed.includes(check));
    const unknown = typed.find((one) => !(CHECKS as readonly string[]).includes(one));
    if (unknown !== undefined) this.problem('choice', 'checks', { value: unknown.slice(0, SHOWN) });
    return {
      checks: known.length > 0 ? known : CHECKS,
      batteryBelow: this.whole('batteryBelow', 20),
      signalBelow: this.whole('signalBelow', 30),
      // A percentage of percent is nobody's wish.
      band: percent || size === 0 ? 5 : size,
      silentFactor: this.whole('silentFactor', 3),
      silentAtLeast: this.duration('silentAtLeast', 600_000),
    };
  }

  digest(timeZone: string): DigestTime | undefined {
    const raw = trimmed(this.def.digest);
    if (raw === '') return undefined;
    const digest = DigestTime.parse(raw, timeFormat(timeZone) ? timeZone : '');
    if (!digest) this.problem('digest', 'digest', { value: raw.slice(0, SHOWN) });
    return digest;
  }

  hysteresis(): Hysteresis {
    const raw = trimmed(this.def.hysteresis);
    const found = readHysteresis(raw);
    if (raw !== '' && !found) this.problem('hysteresis', 'hysteresis', { value: raw.slice(0, SHOWN) });
    return found ?? { size: 0, percent: false };
  }

  limits(condition: Condition, lookups: LimitLookup[]): LimitSource {
    const found = readLimits(condition, (field) => {
      const value = this.def[field];
      return typeof value === 'boolean' ? String(value) : trimmed(value);
    });
    for (const { field, type, value } of found.lookups) if (type === 'msg') this.path(value, field);
    lookups.push(...found.lookups);
    return found.source;
  }

  ready(
    condition: Condition,
    source: LimitSource,
    hysteresis: Hysteresis,
    lookups: readonly LimitLookup[],
  ): Limits | undefined {
    if (lookups.length > 0) return undefined;
    try {
      return readyLimits(condition, source, hysteresis);
    } catch (error) {
      if (!(error instanceof LimitsError)) throw error;
      this.problems.push(error.text);
      return undefined;
    }
  }

  source(field: string, typeField: string, fallback: string): MessageField {
    const value = trimmed(this.def[field]) || fallback;
    if (trimmed(this.def[typeField]) === 'jsonata') return { from: 'jsonata', expression: value };
    return { from: 'path', path: this.path(value, field) };
  }

  keyBy(): MessageField {
    const value = trimmed(this.def.keyBy);
    const type = trimmed(this.def.keyByType);
    if (type === 'msg' || type === 'jsonata') return this.source('keyBy', 'keyByType', 'topic');
    if (value === 'none' || type === 'none') return { from: 'none' };
    if (value === '' || value === 'topic') return { from: 'topic' };
    this.problem('choice', 'keyBy', { value: value.slice(0, SHOWN) });
    return { from: 'topic' };
  }

  quietHours(timeZone: string): QuietHours | undefined {
    const raw = trimmed(this.def.quietHours);
    if (timeZone !== '' && !timeFormat(timeZone)) {
      this.problem('timeZone', 'timeZone', { value: timeZone.slice(0, SHOWN) });
      return undefined;
    }
    if (raw === '') return undefined;
    const hours = QuietHours.parse(raw, timeZone);
    if (!hours) this.problem('quietHours', 'quietHours', { value: raw.slice(0, SHOWN) });
    return hours;
  }

  /** Addresses, in a text or a list. */
  recipients(field: string): string[] {
    const raw = this.def[field];
    const typed = Array.isArray(raw) ? raw.map(String) : entriesOf(trimmed(raw), RECIPIENT_SEPARATOR);
    if (typed.length > MAX_RECIPIENTS) this.problem('recipients', field, { most: MAX_RECIPIENTS });
    const found = typed.slice(0, MAX_RECIPIENTS).map((one) => {
      const address = typedAddress(one);
      if (address instanceof Fault) this.fault(field, address.text);
      return address;
    });
    return found.filter((one) => typeof one === 'string');
  }

  dependsOn(): readonly DependsOn[] {
    const { list, faults } = readDependsOn(this.def.dependsOn, trimmed(this.def.broker));
    for (const why of faults) this.fault('dependsOn', why);
    return list;
  }

  /** A day by default, seven at most. */
  history(): number {
    const raw = trimmed(this.def.history) || '24h';
    if (/^(none|off|0)$/.test(raw)) return 0;
    const ms = parseDuration(raw);
    if (ms !== undefined && ms >= 60_000 && ms <= 7 * 86_400_000) return ms;
    this.problem('history', 'history', { value: raw.slice(0, SHOWN) });
    return 86_400_000;
  }

  private path(value: string, field: string): Path {
    try {
      return parsePath(value.replace(/^msg\./, ''));
    } catch (error) {
      if (!(error instanceof PathError)) throw error;
      this.fault(field, error.text);
      return ['payload'];
    }
  }
}
