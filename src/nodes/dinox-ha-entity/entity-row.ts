/** What the route of the entities answers and the dialog shows. */

/** An entity as the dialog shows it. */
export interface EntityRow {
  key: string;
  name: string;
  /** `binary_sensor.kitchen_window` */
  entityId: string;
  component: string;
  device: string;
  area: string;
  unit: string;
  /** Undefined: not known yet. */
  state?: string;
  available: boolean;
  /** Its main topic, and the path of its value in the JSON there; absent: it has none. */
  topic?: string;
  field?: string;
}

/** What entities can be chosen by. */
export interface EntityKinds {
  component: string[];
  deviceClass: string[];
  device: string[];
  area: string[];
}
