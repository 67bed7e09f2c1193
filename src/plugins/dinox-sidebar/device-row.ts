/** What the route of the devices answers and the sidebar shows. */

/** An entity of a device, without its state. */
export interface EntityRow {
  key: string;
  /** Without the device's name. */
  name: string;
  /** `binary_sensor.kitchen_window` */
  entityId: string;
  deviceClass: string;
  /** It is named after its device class, in English. */
  isByClass?: true;
  /** `config`, `diagnostic`, or empty. */
  category: string;
  unit: string;
  /** Absent: it only takes commands. */
  topic?: string;
  /** Path of its value in the JSON of that topic; absent where a template does more. */
  field?: string;
}

export interface DeviceRow {
  /** Empty: entities that name no device. */
  id: string;
  name: string;
  area: string;
  entities: EntityRow[];
}

export interface DevicesAnswer {
  connected: boolean;
  /** The server does not let announcements be read. */
  isRefused: boolean;
  /** Rises with each change of the devices. */
  version: number;
  /** Entities that are known; not more than a bounded number are in `devices`. */
  total: number;
  /** Absent: as in the version that the question names. */
  devices?: DeviceRow[];
  /** States of the entities that were asked for, by key. */
  states: Record<string, { available: boolean; state?: string | number | boolean }>;
}
