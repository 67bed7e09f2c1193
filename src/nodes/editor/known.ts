/// <reference path="./red.d.ts" />

/** What the runtime knows of a deployed connection: `GET dinox/brokers/:id/capabilities`. */
export interface Known {
  connected: boolean;
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
    maxFilterLevels?: number;
  };
}

/** Undefined where it is not deployed, or where one may not ask. */
export async function capabilitiesOf(brokerId: unknown): Promise<Known | undefined> {
  if (typeof brokerId !== 'string' || brokerId === '' || brokerId === '_ADD_') return undefined;
  try {
    return (await $.ajax(`dinox/brokers/${encodeURIComponent(brokerId)}/capabilities`)) as Known;
  } catch {
    return undefined;
  }
}
