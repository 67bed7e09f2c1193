/** Configurations of Prosody: one with everything the tests need, and Debian's own with our ports. */

export interface ProsodyConfigOptions {
  readonly hosts: readonly string[];
  readonly ports: {
    readonly c2s: number;
    readonly c2sTls: number;
    readonly mqtt: number;
    readonly mqttTls: number;
    readonly http: number;
  };
  /** Paths as the server sees them. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly dataFolder: string;
  readonly moduleFolder: string;
  readonly pidFile: string;
  readonly pubsub: boolean;
  /** Loads mod_pubsub_mqtt into the PubSub components. */
  readonly bridge: boolean;
  /** Loads mod_muc_limits into the rooms' components. */
  readonly roomLimits: boolean;
  /** Archives of people and rooms (XEP-0313). */
  readonly archive: boolean;
  /** Where a component may log in (XEP-0114) that speaks for any address, as gateways may; undefined: nowhere. */
  readonly component: { readonly port: number; readonly name: string; readonly secret: string } | undefined;
  /** Socket of the shell that makes invitations; undefined: accounts need none (mod_invites). */
  readonly shellSocket: string | undefined;
  readonly extra: string;
}

const quote = (text: string) => JSON.stringify(text);

/** What has to be ours in every configuration: addresses, ports, paths and certificates. */
function placement(options: ProsodyConfigOptions): string {
  const { ports } = options;
  const component = options.component
    ? `component_ports = { ${options.component.port} }
component_interfaces = { "127.0.0.1" }`
    : '';
  return `
interfaces = { "127.0.0.1" }
c2s_ports = { ${ports.c2s} }
c2s_direct_tls_ports = { ${ports.c2sTls} }
s2s_ports = { }
s2s_direct_tls_ports = { }
http_ports = { ${ports.http} }
http_interfaces = { "127.0.0.1" }
https_ports = { }
pubsub_mqtt_ports = { ${ports.mqtt} }
pubsub_mqtt_tls_ports = { ${ports.mqttTls} }
pidfile = ${quote(options.pidFile)}
data_path = ${quote(options.dataFolder)}
plugin_paths = { ${quote(options.moduleFolder)} }
ssl = { certificate = ${quote(options.certFile)}; key = ${quote(options.keyFile)} }
log = { { levels = { min = "info" }; to = "console"; timestamps = true } }
${component}
${options.extra}
`;
}

function hostsAndComponents(options: ProsodyConfigOptions): string {
  return options.hosts
    .map((host) => {
      const bridge = options.bridge ? '  modules_enabled = { "pubsub_mqtt" }\n' : '';
      const pubsub = `
Component "pubsub.${host}" "pubsub"
  autocreate_on_publish = true
  autocreate_on_subscribe = true
${bridge}`;
      const modules = [options.roomLimits && '"muc_limits"', options.archive && '"muc_mam"'].filter(Boolean);
      const limits = modules.length > 0 ? `  modules_enabled = { ${modules.join('; ')} }\n` : '';
      return `
VirtualHost ${quote(host)}
${options.pubsub ? pubsub : ''}
Component "conference.${host}" "muc"
${limits}
Component "upload.${host}" "http_file_share"
  http_host = "127.0.0.1"
  http_external_url = "http://127.0.0.1:${options.ports.http}/"
  http_paths = { file_share = "/upload-${host}" }
`;
    })
    .join('');
}

function componentSection({ component }: ProsodyConfigOptions): string {
  if (!component) return '';
  return `
Component ${quote(component.name)}
  component_secret = ${quote(component.secret)}
  validate_from_addresses = false
`;
}

/** Everything on, no limits, nothing outside loopback. */
export function fullConfig(options: ProsodyConfigOptions): string {
  const invites = options.shellSocket ? ['invites', 'invites_register', 'admin_shell'] : [];
  const more = [...invites, ...(options.archive ? ['mam'] : [])];
  return `
modules_enabled = {
  "disco"; "roster"; "saslauth"; "tls"; "blocklist"; "bookmarks"; "carbons"; "pep"; "private"; "smacks";
  "vcard4"; "vcard_legacy"; "ping"; "register"; "time"; "uptime"; "version";${more.map((one) => ` "${one}";`).join('')}
}
modules_disabled = { "s2s" }
allow_registration = ${options.shellSocket === undefined}
${options.shellSocket ? `admin_socket = ${quote(options.shellSocket)}` : ''}
c2s_require_encryption = true
authentication = "internal_hashed"
${placement(options)}${hostsAndComponents(options)}${componentSection(options)}`;
}

/**
 * Debian's own configuration with nothing changed but ports, addresses, paths, certificates and the hosts with
 * their components.
 *
 * @param packaged the text of Debian's prosody.cfg.lua.
 */
export function packagedConfig(packaged: string, options: ProsodyConfigOptions): string {
  const firstHost = packaged.search(/^VirtualHost /m);
  if (firstHost < 0) throw new Error("Debian's prosody.cfg.lua names no VirtualHost");
  // Later settings win, so ours follow the global section.
  return packaged.slice(0, firstHost) + placement(options) + hostsAndComponents(options);
}
