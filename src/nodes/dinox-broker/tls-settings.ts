import type { Node, NodeAPI } from 'node-red';
import type { TlsSettings } from '../../net/tls';
import type { RawBroker } from '../../runtime/config/broker-config';

interface TlsConfigNode extends Node {
  addTLSOptions(options: TlsSettings): TlsSettings;
}

/**
 * Settings of a core `tls-config`; empty without one: the system's authorities apply. @param pins fingerprints of
 * trusted certificates
 */
export function tlsSettings(RED: NodeAPI, def: RawBroker, pins: readonly string[]): TlsSettings {
  const node =
    typeof def.tls === 'string' && def.tls ? (RED.nodes.getNode(def.tls) as TlsConfigNode | null) : null;
  const settings: TlsSettings = {};
  node?.addTLSOptions?.(settings);
  return pins.length > 0 ? { ...settings, pins } : settings;
}
