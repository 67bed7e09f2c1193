import type { Clock } from '../../base/clock';
import { DEFAULT_PREFIX } from '../../homeassistant/announcement';
import { Templates } from '../../homeassistant/templates/template';
import { DiscoveryReader } from './discovery-reader';
import { type BrowsedBroker, EntityBrowser } from './entity-browser';
import { EntityFinder } from './entity-finder';

/** Prefixes that dialogs read at once: who may only look must not make the server hold subscriptions without end. */
const MAX_BROWSED = 3;

/** What all nodes of a connection share of Home Assistant: one reader of discovery for each prefix, and the templates. */
export class HomeAssistant {
  readonly templates = new Templates();
  private readonly readers = new Map<string, DiscoveryReader>();
  private readonly browsers = new Map<string, EntityBrowser>();
  private readonly finders = new Map<string, EntityFinder>();

  constructor(
    private readonly broker: BrowsedBroker,
    private readonly clock: Clock,
    /** The one of the connection, for all that names no other. */
    readonly prefix = DEFAULT_PREFIX,
  ) {}

  reader(prefix = this.prefix): DiscoveryReader {
    let reader = this.readers.get(prefix);
    if (!reader) {
      reader = new DiscoveryReader(this.broker, this.clock, prefix);
      this.readers.set(prefix, reader);
    }
    return reader;
  }

  /** Reads for an open dialog. */
  browser(prefix = this.prefix): EntityBrowser {
    let browser = this.browsers.get(prefix);
    if (!browser) {
      for (const oldest of this.browsers.keys()) if (this.browsers.size >= MAX_BROWSED) this.forget(oldest);
      browser = new EntityBrowser(this.broker, this.reader(prefix), this.templates, this.clock);
      this.browsers.set(prefix, browser);
    }
    return browser;
  }

  /** Finds entities by name, for nodes. */
  finder(prefix = this.prefix): EntityFinder {
    let finder = this.finders.get(prefix);
    if (!finder) {
      finder = new EntityFinder(this.reader(prefix), this.clock);
      this.finders.set(prefix, finder);
    }
    return finder;
  }

  /** Ends what only dialogs wanted of a prefix. */
  private forget(prefix: string): void {
    this.browsers.get(prefix)?.close();
    this.browsers.delete(prefix);
    const reader = this.readers.get(prefix);
    if (!reader?.isIdle) return;
    reader.close();
    this.readers.delete(prefix);
    this.finders.delete(prefix);
  }

  close(): void {
    for (const browser of this.browsers.values()) browser.close();
    this.browsers.clear();
    for (const finder of this.finders.values()) finder.close();
    this.finders.clear();
    for (const reader of this.readers.values()) reader.close();
    this.readers.clear();
  }
}
