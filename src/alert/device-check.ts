/** What can be wrong with a device, whatever it measures. */
export const CHECKS = ['offline', 'silent', 'battery', 'update', 'signal'] as const;
export type Check = (typeof CHECKS)[number];

/** A device, as messages name it (`msg.payload.device`). */
export interface DeviceFacts {
  /** What its topics have in common: `zigbee2mqtt/Front door`. */
  id: string;
  /** For people. */
  name: string;
  /** Room; empty where nobody says it. */
  area: string;
  /** `zigbee2mqtt`, `tasmota`, … */
  family: string;
}

/** What the key of a check is about. */
export interface CheckSubject {
  check: Check;
  device: DeviceFacts;
  /** Others are behind it: while it is offline, their alerts wait. */
  isGateway?: true | undefined;
  /** Key under which the gateway of the device is offline. */
  behind?: string | undefined;
}

/** The key of one check of a device. */
export const checkKey = (device: string, check: Check): string => `${device}/${check}`;

/** The device of a key of a check; undefined: it is none. */
export function deviceOfKey(key: string): string | undefined {
  const at = key.lastIndexOf('/');
  return at > 0 && (CHECKS as readonly string[]).includes(key.slice(at + 1)) ? key.slice(0, at) : undefined;
}

/** A gateway that is away is told at once, whatever is put off: nothing of what is behind it reports any more. */
export function isUrgent(subject: CheckSubject | undefined): boolean {
  return subject?.isGateway === true && (subject.check === 'offline' || subject.check === 'silent');
}
