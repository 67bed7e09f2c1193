import type { Clock } from '../../base/clock';
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
const MAX_FOLLOWED = 200;

/** Reads entities and their states while a dialog is open, and connects for it. */
export class EntityBrowser {
  private readonly states: EntityStates;
  private readonly registration: RegisteredNode;
  private stopLease: (() => void) | undefined;
  private end: (() => void) | undefined;

  constructor(
    private readonly broker: BrowsedBroker,
    private readonly reader: DiscoveryReader,
    templates: Templates,
    private readonly clock: Clock,
  ) {
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
        for (const { key } of removed) this.states.forget(key);
        for (const entity of changed) if (this.states.get(entity.key)) this.states.follow(entity);
      },
      refused: () => {},
    });
    this.broker.register(this.registration);
  }

  /** The state of an entity as far as it is known; asking makes it known later. */
  stateOf(entity: Entity): Current {
    const { state } = this.states.follow(entity);
    if (this.states.size > MAX_FOLLOWED)
      for (const one of this.states.all()) {
        this.states.forget(one.entity.key);
        break;
      }
    return state.current;
  }

  close(): void {
    this.stopLease?.();
    this.stopLease = undefined;
    this.states.close(false);
    if (!this.end) return;
    this.end();
    this.end = undefined;
    // The connection ends if nobody else uses it.
    void this.broker.deregister(this.registration, true).catch(() => {});
  }
}
