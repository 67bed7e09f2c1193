/**
 * Devices of people that show quick responses (XEP-0439). Each is asked what it can (XEP-0030), once it has written or
 * somebody is to write to it, and again after its capabilities have changed (XEP-0115).
 */
import type { Element } from '@xmpp/client';
import { BoundedMap } from '../../base/bounded-map';
import type { Clock } from '../../base/clock';
import { RateLimit } from '../../base/rate-limit';
import { HOUR, MINUTE } from '../../base/time-units';
import { addressOf } from '../addresses';
import { NS } from '../namespaces';
import type { SessionState, Stanzas } from '../stanzas';

const MAX_PEOPLE = 200;
/** The newest ones of a person: who is not in a roster says no farewell. */
const MAX_DEVICES = 10;
/** Milliseconds that nobody waits longer for an answer. */
const PATIENCE_MS = 1_000;
/** Milliseconds for which an answer, or none, holds. */
const KNOWN_MS = HOUR;
/** Questions within a minute. */
const MAX_ASKED = 30;

interface Device {
  /** The hash of its capabilities; empty: it names none. */
  ver: string;
  knows: boolean;
  /** When it was asked, in milliseconds of the steady clock; undefined: not yet. */
  at: number | undefined;
  asking: Promise<void> | undefined;
}

export class QuickDevices {
  /** By bare JID, then by resource. Only people who wrote, or are written to. */
  private readonly people = new BoundedMap<string, BoundedMap<string, Device>>(MAX_PEOPLE);
  private readonly limit: RateLimit<string>;

  constructor(
    private readonly stanzas: Pick<Stanzas, 'onStanza' | 'onState' | 'load' | 'ask'>,
    private readonly clock: Clock,
  ) {
    this.limit = new RateLimit(clock, MAX_ASKED, MINUTE);
    stanzas.onStanza((stanza) => this.take(stanza));
    stanzas.onState((state) => this.begin(state));
  }

  /** Somebody is to be written to: their devices are asked as they come. */
  want(bare: string): void {
    if (!this.people.has(bare)) this.people.set(bare, new BoundedMap(MAX_DEVICES));
  }

  /** True if a device of this person is known to show them. */
  has(bare: string): boolean {
    return [...(this.people.get(bare)?.values() ?? [])].some(({ knows }) => knows);
  }

  /** True if this very device shows them; asks it where that is not known. @param jid with a resource */
  async shows(jid: string): Promise<boolean> {
    const address = addressOf(jid);
    if (!address?.resource) return false;
    this.want(address.bare);
    const device = this.device(address.bare, address.resource);
    if (!device) return false;
    await this.look(jid, device);
    return device.knows;
  }

  private begin(state: SessionState): void {
    if (state.phase !== 'online' || state.resumed) return;
    for (const devices of this.people.values()) devices.clear();
  }

  private take(stanza: Element): void {
    if (stanza.name !== 'presence' || stanza.getChild('x', NS.mucUser)) return;
    const jid = String(stanza.attrs.from ?? '');
    const address = addressOf(jid);
    if (!address?.resource || !this.people.has(address.bare)) return;
    const { type } = stanza.attrs;
    if (type === 'unavailable') this.people.get(address.bare)?.delete(address.resource);
    if (type !== undefined) return;
    const device = this.device(address.bare, address.resource);
    const ver = String(stanza.getChild('c', NS.caps)?.attrs.ver ?? '').slice(0, 200);
    if (!device || (device.at !== undefined && device.ver === ver)) return;
    device.ver = ver;
    device.at = undefined;
    void this.look(jid, device);
  }

  private device(bare: string, resource: string): Device | undefined {
    const devices = this.people.get(bare);
    const known = devices?.get(resource);
    if (known || !devices) return known;
    const made: Device = { ver: '', knows: false, at: undefined, asking: undefined };
    devices.set(resource, made);
    return made;
  }

  /** Never rejects: whoever does not answer shows none. */
  private look(jid: string, device: Device): Promise<void> {
    const { clock } = this;
    if (device.asking) return device.asking;
    if (device.at !== undefined && clock.steady() - device.at < KNOWN_MS) return Promise.resolve();
    try {
      this.limit.take('');
    } catch {
      return Promise.resolve();
    }
    device.at = clock.steady();
    device.asking = this.ask(jid)
      .then(
        (knows) => {
          device.knows = knows;
        },
        () => {
          device.knows = false;
        },
      )
      .finally(() => {
        device.asking = undefined;
      });
    return device.asking;
  }

  private async ask(jid: string): Promise<boolean> {
    const xml = await this.stanzas.load();
    const query = xml('query', { xmlns: NS.discoInfo });
    const answer = await this.stanzas.ask(xml('iq', { type: 'get', to: jid }, query), {
      timeoutMs: PATIENCE_MS,
    });
    const features = answer.getChild('query', NS.discoInfo)?.getChildren('feature') ?? [];
    return features.slice(0, 500).some(({ attrs }) => attrs.var === NS.quickResponse);
  }
}
