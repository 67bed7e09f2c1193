import type { Endpoint } from './types';

export function usesTls({ protocol }: Endpoint): boolean {
  return protocol === 'mqtts' || protocol === 'wss';
}

/** `mqtts://host:8883/path`, with brackets around IPv6. */
export function endpointText({ protocol, host, port, path = '' }: Endpoint): string {
  return `${protocol}://${hostPort(host, port)}${path}`;
}

/** `host:port`, with brackets around IPv6. */
export function hostPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
