/// <reference path="../red.d.ts" />
import { brokerPath, get } from '../admin-api';

/** What the runtime knows of a deployed connection: `GET dinox/brokers/:id/capabilities`. */
export interface BrokerInfo {
  connected: boolean;
  /** It remembers topics: `GET dinox/brokers/:id/topics`. */
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

/** Undefined where it is not deployed, or where one may not ask. */
export async function brokerInfoOf(brokerId: unknown): Promise<BrokerInfo | undefined> {
  if (typeof brokerId !== 'string' || brokerId === '' || brokerId === '_ADD_') return undefined;
  try {
    return await get<BrokerInfo>(brokerPath(brokerId, 'capabilities'));
  } catch {
    return undefined;
  }
}

/** Follows which connection is chosen in a dialog, and what is known of it. */
export class ChosenBroker {
  info: BrokerInfo | undefined;
  private id = '';

  /** @param changed called when something else is known. */
  constructor(
    private readonly input: JQuery,
    private readonly changed: () => void,
  ) {}

  get brokerId(): string {
    return String(this.input.val() ?? '');
  }

  /** Asks where another connection was chosen. */
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
