/** What a message says about a device, whatever family it is of. What is undefined is not said. */
export interface Observation {
  /** What the topics of the device have in common. */
  device: string;
  family: Family;
  /** The name that its own messages give it. */
  name?: string | undefined;
  /** Id of the device that it sends through. */
  gateway?: string | undefined;
  /** Others send through it. */
  isGateway?: true;
  /** The device itself sent something. */
  isAlive?: boolean;
  online?: boolean | undefined;
  /** It sleeps between its messages, so that *offline* says nothing. */
  sleeps?: boolean | undefined;
  /** By its name it is one that sleeps, unless it says that it does not. */
  mayStayAway?: true;
  /** In percent. */
  battery?: number | undefined;
  isBatteryLow?: boolean | undefined;
  signal?: Signal | undefined;
  /** The new version, or `available`; false: there is none. */
  update?: string | false | undefined;
  /** Nothing is known of its availability any more: what was kept was cleared. */
  isCleared?: true;
}

/** `other`: the topic says that it is a device, and nothing more. */
export type Family =
  | 'zigbee2mqtt'
  | 'tasmota'
  | 'esphome'
  | 'shelly'
  | 'openmqttgateway'
  | 'homeassistant'
  | 'other';

/** Strength of a signal, the more the better. */
export interface Signal {
  value: number;
  /** `%`; empty for a link quality of Zigbee (0 to 255). */
  unit: '' | '%';
}

/** Wi-Fi: −100 dBm are 0 %, −50 dBm and more are 100 %. */
export function wifiSignal(dbm: number | undefined): Signal | undefined {
  return percentOf(dbm, -100);
}

/** Bluetooth is received at less than Wi-Fi: −105 dBm are 0 %. */
export function bluetoothSignal(dbm: number | undefined): Signal | undefined {
  return percentOf(dbm, -105);
}

function percentOf(dbm: number | undefined, none: number): Signal | undefined {
  // No receiver reports 0 or more: that is the sign for *not known*.
  if (dbm === undefined || dbm >= 0 || dbm < -200) return undefined;
  return { value: Math.round(Math.min(100, Math.max(0, 2 * (dbm - none)))), unit: '%' };
}

/** Link quality of Zigbee; 0 is sent where nothing was received by radio. */
export function linkQuality(value: number | undefined): Signal | undefined {
  return value !== undefined && value > 0 && value <= 255 ? { value, unit: '' } : undefined;
}

/** Percent of a battery; undefined for what is none. */
export function percent(value: number | undefined): number | undefined {
  return value !== undefined && value >= 0 && value <= 100 ? value : undefined;
}

/** Points of the discharge of a lithium cell of 3 V, in millivolts and percent. */
const CURVE = [
  [2_100, 0],
  [2_440, 6],
  [2_740, 18],
  [2_900, 42],
  [3_000, 100],
] as const;
/** Above it is no such cell, but another one, or the mains. */
const MAX_CELL = 3_300;
const MIN_CELL = 1_500;

/** Percent of a battery by its voltage; undefined unless it is that of a cell of 3 V. @param volts volts or millivolts */
export function percentOfVoltage(volts: number | undefined): number | undefined {
  if (volts === undefined) return undefined;
  const millivolts = volts < 10 ? volts * 1_000 : volts;
  if (millivolts < MIN_CELL || millivolts > MAX_CELL) return undefined;
  let [fromVolts, fromPercent] = CURVE[0] as readonly [number, number];
  if (millivolts <= fromVolts) return 0;
  for (const [toVolts, toPercent] of CURVE) {
    if (millivolts <= toVolts)
      return Math.round(
        fromPercent + ((millivolts - fromVolts) / (toVolts - fromVolts || 1)) * (toPercent - fromPercent),
      );
    [fromVolts, fromPercent] = [toVolts, toPercent];
  }
  return 100;
}
