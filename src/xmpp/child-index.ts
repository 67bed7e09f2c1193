import type { Element } from '@xmpp/client';
import { NS } from './namespaces';

/**
 * The children of a stanza by name and namespace, in one pass: a message is looked through for two dozen of them,
 * and has three. Those of the stanza's own namespace (body, subject, thread, show, …) have the namespace `''`.
 */
export class ChildIndex {
  private readonly found = new Map<string, Element | Element[]>();

  constructor(stanza: Element) {
    for (const child of stanza.children) {
      if (typeof child === 'string') continue;
      const key = child.name.includes(':')
        ? `${child.name.slice(child.name.indexOf(':') + 1)} ${child.getNS() ?? ''}`
        : `${child.name} ${ownNamespace(child)}`;
      const before = this.found.get(key);
      if (before === undefined) this.found.set(key, child);
      else if (Array.isArray(before)) before.push(child);
      else this.found.set(key, [before, child]);
    }
  }

  get(name: string, xmlns = ''): Element | undefined {
    const found = this.found.get(`${name} ${xmlns}`);
    return Array.isArray(found) ? found[0] : found;
  }

  all(name: string, xmlns = ''): Element[] {
    const found = this.found.get(`${name} ${xmlns}`);
    return found === undefined ? [] : Array.isArray(found) ? found : [found];
  }

  text(name: string, xmlns = ''): string | undefined {
    return this.get(name, xmlns)?.text();
  }
}

function ownNamespace({ attrs: { xmlns = '' } }: Element): string {
  return xmlns === NS.client ? '' : xmlns;
}
