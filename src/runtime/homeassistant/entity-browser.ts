import type { Clock } from '../../base/clock';
import { plain } from '../../base/printable';
import type { Entity } from '../../homeassistant/entity';
import type { Current } from '../../homeassistant/states/entity-state';
import type { Templates } from '../../homeassistant/templates/template';
import type { RegisteredNode } from '../node-contract';
import type { DiscoveryReader, SubscribingBroker } from './discovery-reader';
import { EntityStates } from './entity-states';

/** The part of a connection that a dialog looks through. */
export interface BrowsedBroker extends SubscribingBroker {
  register(node: RegisteredNode): void;
  deregister(node: RegisteredNode, removed: boolean): Promise<void>;
}

/** Owner of its subscriptions. */
const OWNER = 'dinox-entity-dialog';
/** Milliseconds that a dialog may be silent before its subscriptions end. */
const LEASE_MS = 40_000;
/** Most entities whose states are read for dialogs; the ones asked for longest ago go first. */
const MAX_FOLLOWED = 300;
const MAX_STATE = 80;
/** Milliseconds in which the server hands out what it keeps: until then, silence says nothing. */
const SETTLE_MS = 3_000;

/** An entity's state as people see it. */
export interface ShownState {
  available: boolean;
  /** Absent: not known yet. */
  state?: string | number | boolean;
}

/** Reads entities and their states while a dialog or the sidebar looks at them, and connects for it. */
export class EntityBrowser {
  /** Rises with each change of what is announced. It begins with the time, so that no earlier object had the same. */
  version: number;
  /** When each followed entity was first asked for, on the steady clock, by key; the last one was asked for last. */
  private readonly asked = new Map<string, number>();
  private readonly states: EntityStates;
  private readonly registration: RegisteredNode;
  private stopLease: (() => void) | undefined;
  private end: (() => void) | undefined;
  private refusal: Error | undefined;

  constructor(
    private readonly broker: BrowsedBroker,
    private readonly reader: DiscoveryReader,
    templates: Templates,
    private readonly clock: Clock,
  ) {
    this.version = clock.now();
    const owner = `${OWNER} ${reader.prefix}`;
    this.registration = { id: owner, status: () => {} };
    this.states = new EntityStates({
      broker,
      clock,
      templates,
      owner,
      passive: true,
      told: () => {},
      refused: () => {},
      tooLong: () => {},
      tooSlow: () => {},
      failed: () => {},
    });
  }

  /** Begins, or goes on. It ends by itself some time after the last call. */
  look(): void {
    this.stopLease?.();
    this.stopLease = this.clock.after(LEASE_MS, () => this.close());
    if (this.end) return;
    this.end = this.reader.listen({
      changed: ({ changed, removed }) => {
        this.version += 1;
        for (const { key } of removed) this.forget(key);
        for (const entity of changed) if (this.states.get(entity.key)) this.states.follow(entity);
      },
      refused: (reason) => {
        this.refusal = reason;
      },
    });
    this.broker.register(this.registration);
  }

  /** Why the announcements cannot be read on this server; undefined where they can. */
  get refused(): Error | undefined {
    return this.refusal;
  }

  /** The state of an entity as far as it is known; asking makes it known later. */
  stateOf(entity: Entity): Current {
    const { key } = entity;
    const { state } = this.states.follow(entity);
    const since = this.asked.get(key) ?? this.clock.steady();
    this.asked.delete(key);
    this.asked.set(key, since);
    for (const oldest of this.asked.keys()) {
      if (this.asked.size <= MAX_FOLLOWED) break;
      this.forget(oldest);
    }
    return state.current;
  }

  /** The same for people: texts are bounded, and fit to be shown. */
  shownStateOf(entity: Entity): ShownState {
    const { known, available, payload } = this.stateOf(entity);
    const since = this.asked.get(entity.key) ?? 0;
    // What says whether it is there may not have come yet.
    if (!available && this.clock.steady() - since < SETTLE_MS) return { available: true };
    if (!known) return { available };
    const isPlain = typeof payload === 'number' || typeof payload === 'boolean';
    return { available, state: isPlain ? payload : plain(String(payload), MAX_STATE) };
  }

  private forget(key: string): void {
    this.asked.delete(key);
    this.states.forget(key);
  }

  close(): void {
    this.stopLease?.();
    this.stopLease = undefined;
    this.states.close(false);
    this.asked.clear();
    this.refusal = undefined;
    if (!this.end) return;
    this.version += 1;
    this.end();
    this.end = undefined;
    // The connection ends if nobody else uses it.
    void this.broker.deregister(this.registration, true).catch(() => {});
  }
}
