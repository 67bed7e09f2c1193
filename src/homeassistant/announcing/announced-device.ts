import {
  announcedComponents,
  type Component,
  type Components,
  componentKey,
  componentOf,
  type DeviceLooks,
  deviceConfig,
  placeOfComponent,
  type ShownEntity,
  stateTopicOf,
} from './device-config';
import { type Identity, idPart, ownPlaceOf } from './identity';

/** An entity, and the key of its node that it is about (`''`: the node). */
export interface ShownAbout {
  key: string;
  entity: ShownEntity;
}

/** An announcement that is due. */
export interface Announcement {
  /** Empty: the device is gone. */
  payload: string;
  /** Components that it takes out. */
  gone: Components;
  /** Topics of states that nobody needs any more. */
  left: string[];
}

/** Most components of a device: their announcement is one message. */
export const MAX_COMPONENTS = 600;
/** Most that are taken over from earlier announcements: all of one, and all that has taken their place. */
const MAX_KNOWN = 2 * MAX_COMPONENTS;

/** The device that stands for a connection: what its nodes show, and what is still announced from earlier. */
export class AnnouncedDevice {
  /** By node; undefined: it has not said yet what it shows. */
  private readonly nodes = new Map<string, Components | undefined>();
  /** What Home Assistant may know of. */
  private known = new Map<string, Component>();
  /** What was taken out while it may have been away. */
  private missed = new Map<string, Component>();

  constructor(
    private readonly identity: Identity,
    private readonly looks: DeviceLooks,
  ) {}

  /** True while somebody shows, or is about to. */
  get isWanted(): boolean {
    return this.nodes.size > 0;
  }

  /** Number of components that are shown. */
  get size(): number {
    let size = 0;
    for (const components of this.nodes.values()) size += components?.size ?? 0;
    return size;
  }

  /** A node is about to show something; what it has shown in an earlier run stays until it says what. */
  begin(node: string): void {
    this.nodes.set(node, undefined);
  }

  /** All that a node shows from now on. Returns how many of it found no room. */
  show(node: string, shown: Iterable<ShownAbout>): number {
    const components = new Map<string, Component>();
    let left = MAX_COMPONENTS - this.size + (this.nodes.get(node)?.size ?? 0);
    let refused = 0;
    for (const { key, entity } of shown) {
      const place = { node, key };
      if (left-- > 0)
        components.set(componentKey(place, entity.part), componentOf(this.identity, place, entity));
      else refused += 1;
    }
    this.nodes.set(node, components);
    return refused;
  }

  /** A node shows nothing any more. */
  end(node: string): void {
    this.nodes.delete(node);
  }

  /** Takes what an earlier run has left on the server. */
  adopt(payload: Buffer): void {
    for (const [key, component] of announcedComponents(this.identity, payload)) {
      if (this.known.size >= MAX_KNOWN) break;
      if (!this.known.has(key)) this.known.set(key, component);
    }
  }

  /** Components that were taken out, where Home Assistant may have missed that. */
  get unheard(): Components {
    return this.missed;
  }

  /** What was taken out in an earlier run. */
  remember(missed: Components): void {
    for (const [key, component] of missed)
      if (this.missed.size < MAX_KNOWN && !this.known.has(key)) this.missed.set(key, component);
  }

  /** Home Assistant has heard everything. */
  heard(): void {
    this.missed.clear();
  }

  /**
   * Home Assistant starts, and may have missed what was taken out: it has to know of that before it can be taken out
   * again.
   */
  recall(): void {
    for (const [key, component] of this.missed)
      if (this.known.size < MAX_KNOWN && !this.known.has(key)) this.known.set(key, component);
    this.missed.clear();
  }

  /** Home Assistant forgets everything. Returns the topics of the states that nobody needs any more. */
  forget(): string[] {
    const topics = new Set([...this.known.values()].map(stateTopicOf));
    this.known.clear();
    this.missed.clear();
    return [...topics].filter((topic): topic is string => topic !== undefined);
  }

  /**
   * The announcement that is due; undefined: nothing was ever shown.
   * @param keepsGone Home Assistant is away and would miss what is taken out: it stays for now
   */
  next(keepsGone: boolean): Announcement | undefined {
    const wanted = new Map<string, Component>();
    for (const components of this.nodes.values())
      for (const [key, component] of components ?? []) wanted.set(key, component);
    const unsaid = new Set<string>();
    for (const [node, components] of this.nodes) if (!components) unsaid.add(idPart(node));
    const gone = new Map<string, Component>();
    for (const [key, component] of this.known) {
      const before = wanted.get(key);
      // Another platform under the same key would leave the first one behind.
      if (before && before.platform === component.platform) continue;
      const node = ownPlaceOf(this.identity, placeOfComponent(component) ?? '')?.node;
      if (!before && (keepsGone || (node !== undefined && unsaid.has(node)))) wanted.set(key, component);
      else gone.set(key, component);
    }
    if (wanted.size + gone.size === 0) return undefined;
    const needed = new Set([...wanted.values()].map(stateTopicOf));
    const left = [...new Set([...gone.values()].map(stateTopicOf))].filter(
      (topic): topic is string => topic !== undefined && !needed.has(topic),
    );
    const payload = wanted.size === 0 ? '' : deviceConfig(this.identity, this.looks, wanted, gone);
    return { payload, gone, left };
  }

  /**
   * An announcement has gone out.
   * @param isHeard Home Assistant is there for certain
   */
  announced({ gone }: Announcement, isHeard: boolean): void {
    for (const [key, component] of gone) {
      this.known.delete(key);
      if (!isHeard && this.missed.size < MAX_KNOWN) this.missed.set(key, component);
    }
    for (const components of this.nodes.values())
      for (const [key, component] of components ?? []) {
        this.known.set(key, component);
        this.missed.delete(key);
      }
  }
}
