/// <reference path="../red.d.ts" />
import { brokerPath, get } from '../admin-api';

/** Abilities of a deployed connection: answer of `GET dinox/brokers/:id/capabilities`. */
export interface BrokerInfo {
  connected: boolean;
  /** True if it remembers topics: `GET dinox/brokers/:id/topics`. */
  topics?: boolean;
  /** Absent, like all that follows, until the broker was found once. */
  server?: string;
  serverType?: string;
  software?: string;
  where?: string;
  /** MQTT protocol level. */
  version?: 3 | 4 | 5;
  services?: { pubsub?: string; muc?: string; upload?: string };
  capabilities?: {
    maxQos: 0 | 1 | 2;
    retain: boolean;
    wildcards: boolean;
    shared: boolean;
    persistentSessions: boolean;
    maxFilterLevels?: number;
  };
}

/** Asks the runtime; undefined if the connection is not deployed, or the user may not ask. */
export async function brokerInfoOf(brokerId: unknown): Promise<BrokerInfo | undefined> {
  if (typeof brokerId !== 'string' || brokerId === '' || brokerId === '_ADD_') return undefined;
  try {
    return await get<BrokerInfo>(brokerPath(brokerId, 'capabilities'));
  } catch {
    return undefined;
  }
}

/** Follows the connection chosen in a dialog, and its abilities. */
export class ChosenBroker {
  info: BrokerInfo | undefined;
  private id = '';

  /** @param changed called when there is news. */
  constructor(
    private readonly input: JQuery,
    private readonly changed: () => void,
  ) {}

  get brokerId(): string {
    return String(this.input.val() ?? '');
  }

  /** Asks again if another connection was chosen. */
  look(): void {
    const id = this.brokerId;
    if (id === this.id) return;
    this.id = id;
    this.info = undefined;
    void brokerInfoOf(id).then((known) => {
      if (id !== this.id) return;
      this.info = known;
      this.changed();
    });
  }
}
