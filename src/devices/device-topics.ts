import type { Content } from './content';
import { esphome } from './families/esphome';
import { openMqttGateway } from './families/openmqttgateway';
import { other } from './families/other';
import { shelly } from './families/shelly';
import { tasmota } from './families/tasmota';
import { zigbee2mqtt } from './families/zigbee2mqtt';
import type { Observation } from './observation';
import type { KnownHome, Route } from './route';

/** Topics whose routes are kept. */
const MAX_ROUTES = 20_000;
/** A longer topic is no device's: its keys would be longer than keys may be. */
const MAX_TOPIC_LENGTH = 800;
const NONE: readonly Route[] = [];
/** Topics of ourselves and of Home Assistant itself say nothing about devices. */
const OURS = /^(?:dinox-nr|dinox|nodered|homeassistant|\$SYS)(?:\/|$)/;

/** The first that understands a topic has it. */
const FAMILIES = [tasmota, openMqttGateway, shelly, esphome, zigbee2mqtt, other];

/** Understands the topics of devices of all families, without being told which. */
export class DeviceTopics {
  readonly home: KnownHome = { bases: new Map(), espNodes: new Set(), announced: new Map() };
  private readonly routes = new Map<string, readonly Route[]>();

  /** What a message says about devices; undefined: no family knows it. */
  read(topic: string, content: Content): readonly Observation[] | undefined {
    for (const route of this.routesOf(topic)) {
      const found = route(content);
      if (found) return found;
    }
    return undefined;
  }

  private routesOf(topic: string): readonly Route[] {
    // Not kept either: 20,000 topics of 65,535 bytes would take more than a gigabyte.
    if (topic.length > MAX_TOPIC_LENGTH) return NONE;
    const known = this.routes.get(topic);
    if (known) return known;
    const levels = topic.split('/');
    const routes = OURS.test(topic)
      ? NONE
      : FAMILIES.flatMap((family) => family(topic, levels, this.home) ?? []);
    // A stranger may invent topics: those of real devices are soon back.
    if (this.routes.size >= MAX_ROUTES) this.routes.clear();
    this.routes.set(topic, routes);
    return routes;
  }
}
