import type { Endpoint } from './types';

export function usesTls({ protocol }: Endpoint): boolean {
  return protocol === 'mqtts' || protocol === 'wss';
}

/** `mqtts://host:8883/path`, with brackets around IPv6. */
export function endpointText({ protocol, host, port, path = '' }: Endpoint): string {
  return `${protocol}://${hostPort(host, port)}${path}`;
}

/** `xmpp://host:port`; `xmpps://` where TLS is there from the first byte (XEP-0368). */
export function xmppEndpointText(endpoint: { host: string; port: number; directTls: boolean }): string {
  return `${endpoint.directTls ? 'xmpps' : 'xmpp'}://${hostPort(endpoint.host, endpoint.port)}`;
}

/** `host:port`, with brackets around IPv6. */
export function hostPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
