import type { Node, NodeAPI } from 'node-red';
import type { RawBroker } from '../../runtime/broker-config';
import type { TlsSettings } from '../../servers/tls';

interface TlsConfigNode extends Node {
  addTLSOptions(options: TlsSettings): TlsSettings;
}

/** What a core `tls-config` says; empty without one: the system's authorities count. */
export function tlsSettings(RED: NodeAPI, def: RawBroker): TlsSettings {
  const node =
    typeof def.tls === 'string' && def.tls ? (RED.nodes.getNode(def.tls) as TlsConfigNode | null) : null;
  const settings: TlsSettings = {};
  node?.addTLSOptions?.(settings);
  return settings;
}
