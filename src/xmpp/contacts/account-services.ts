import { askQuery, type Discovery, discover } from '../service-discovery';
import type { Stanzas } from '../stanzas';

/** The part of a `dinox-broker` that is needed here. */
export interface ServedBroker {
  readonly chat: { readonly stanzas: Stanzas };
  /** The result of the last search. */
  readonly found: { readonly services: { pubsub?: string; muc?: string } } | undefined;
}

/** Services of the account's server for rooms and PubSub nodes. */
export class AccountServices {
  private asked: Discovery['services'] | undefined;

  constructor(private readonly broker: ServedBroker) {}

  /** The services found with the broker, else those that the account's server lists. */
  async find(signal: AbortSignal): Promise<Discovery['services']> {
    const found = this.broker.found?.services;
    if (found && (found.muc !== undefined || found.pubsub !== undefined)) return found;
    const { stanzas } = this.broker.chat;
    if (this.asked) return this.asked;
    const { services } = await discover(stanzas.domain, (to, xmlns) => askQuery(stanzas, to, xmlns, signal));
    // A server that was slow once may answer the next time.
    if (services.muc !== undefined || services.pubsub !== undefined) this.asked = services;
    return services;
  }
}
