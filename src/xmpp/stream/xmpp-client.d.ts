/** The part of @xmpp/client 0.14.0 that is used here; the package brings no types. */
declare module '@xmpp/client' {
  import type { EventEmitter } from 'node:events';

  export interface Element {
    name: string;
    parent: Element | null;
    attrs: Record<string, string | undefined>;
    children: (Element | string)[];
    is(name: string, xmlns?: string): boolean;
    getChild(name: string, xmlns?: string): Element | undefined;
    getChildren(name: string, xmlns?: string): Element[];
    getChildText(name: string, xmlns?: string): string | null;
    getChildElements(): Element[];
    getNS(): string;
    text(): string;
    append(...nodes: (Element | string)[]): void;
    remove(element: Element): void;
    toString(): string;
  }

  export interface Parser extends EventEmitter {
    write(text: string): void;
  }

  /** A way to connect; the first one whose `socketParameters` returns anything for a service is taken. */
  export interface Transport {
    new (): unknown;
    prototype: {
      Socket: new () => unknown;
      Parser: new () => Parser;
      socketParameters(service: string): object | undefined;
    };
  }

  export interface SaslMechanism {
    readonly name: string;
    readonly clientFirst: boolean;
    response(credentials: { username?: string; password?: string }): string | Promise<string>;
    challenge(text: string): void;
  }

  export interface Client extends EventEmitter {
    status: string;
    /** For opening and closing streams, in milliseconds. */
    timeout: number;
    socket: { end(): void; write(text: string, callback: (error?: Error | null) => void): void } | null;
    jid: { toString(): string } | null;
    transports: Transport[];
    /** The methods in the order in which they are preferred. */
    saslFactory: { _mechs: { name: string; mech: new () => SaslMechanism }[] };
    reconnect: { start(): void; stop(): void };
    iqCaller: { handlers: Map<string, { reject(error: Error): void }> };
    connect(service: string): Promise<unknown>;
    open(options: { domain: string }): Promise<unknown>;
    send(element: Element): Promise<void>;
    disconnect(): Promise<unknown>;
    _onSeeOtherHost(error: Error): unknown;
  }

  export function client(options: {
    service: string;
    domain: string;
    username: string;
    password: string;
    resource?: string;
    timeout?: number;
  }): Client;

  export function xml(
    name: string,
    attrs?: Record<string, string>,
    ...children: (Element | string)[]
  ): Element;
}
