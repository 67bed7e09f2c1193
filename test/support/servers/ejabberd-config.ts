/** Configurations of ejabberd: one with everything the tests need, and Debian's own with our ports. */

export interface EjabberdPorts {
  readonly c2s: number;
  readonly c2sTls: number;
  readonly mqtt: number;
  readonly mqttTls: number;
  readonly http: number;
  readonly s2s: number;
  readonly https: number;
  readonly admin: number;
  readonly stun: number;
  readonly stunTls: number;
}

export interface EjabberdConfigOptions {
  readonly hosts: readonly string[];
  readonly ports: EjabberdPorts;
  /** Paths as the server sees them. */
  readonly certFile: string;
  readonly caFile: string;
  readonly uploadFolder: string;
  readonly modMqtt: boolean;
  readonly shaper: boolean;
  /** One message a second in rooms; what is more is refused with `wait`. */
  readonly roomLimits: boolean;
  readonly anyAckQueue: boolean;
  /** Archives of people and rooms (XEP-0313). */
  readonly archive: boolean;
  /** Where a component may log in (XEP-0114) that speaks for any address, as gateways may; undefined: nowhere. */
  readonly component: { readonly port: number; readonly name: string; readonly secret: string } | undefined;
  readonly extra: string;
}

export const WS_PATH = '/mqtt';

const API_PERMISSIONS = `api_permissions:
  "tests":
    who:
      access:
        allow:
          acl: loopback
    what: ["*"]
`;

/** Everything on, no shaper unless asked for, nothing outside loopback. */
export function fullConfig(options: EjabberdConfigOptions): string {
  const { ports } = options;
  const shaper = options.shaper ? '\n    shaper: c2s_shaper' : '';
  const ws = options.modMqtt ? `\n      ${WS_PATH}: mod_mqtt` : '';
  const mqtt = `
  - port: ${ports.mqtt}
    ip: "127.0.0.1"
    module: mod_mqtt
    backlog: 1000
  - port: ${ports.mqttTls}
    ip: "127.0.0.1"
    module: mod_mqtt
    backlog: 1000
    tls: true`;
  const component = options.component
    ? `
  - port: ${options.component.port}
    ip: "127.0.0.1"
    module: ejabberd_service
    check_from: false
    hosts:
      "${options.component.name}":
        password: "${options.component.secret}"`
    : '';
  return `loglevel: info
log_rotate_count: 0
hosts: ${JSON.stringify(options.hosts)}
certfiles: ["${options.certFile}"]
ca_file: "${options.caFile}"
auth_password_format: scram
disable_sasl_mechanisms: ["digest-md5", "X-OAUTH2"]
listen:
  - port: ${ports.c2s}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    max_stanza_size: 262144
    access: all
    starttls_required: true${shaper}
  - port: ${ports.c2sTls}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    max_stanza_size: 262144
    access: all
    tls: true${shaper}
  - port: ${ports.http}
    ip: "127.0.0.1"
    module: ejabberd_http
    request_handlers:
      /api: mod_http_api
      /upload: mod_http_upload${ws}${options.modMqtt ? mqtt : ''}${component}
acl:
  local:
    user_regexp: ""
  loopback:
    ip: ["127.0.0.0/8", "::1/128"]
access_rules:
  local:
    allow: local
  register:
    allow: all
${API_PERMISSIONS}shaper:
  normal:
    rate: 3000
    burst_size: 20000
shaper_rules:
  max_user_sessions: 100
  c2s_shaper:
    normal: all
modules:
  mod_adhoc: {}
  mod_admin_extra: {}
  mod_caps: {}
  mod_carboncopy: {}
  mod_disco: {}
  mod_http_api: {}
  mod_http_upload:
    put_url: "http://127.0.0.1:${ports.http}/upload/@HOST@"
    docroot: "${options.uploadFolder}/@HOST@"
  mod_last: {}
${options.archive ? '  mod_mam: { default: always }\n' : ''}${options.modMqtt ? '  mod_mqtt: {}\n' : ''}  mod_muc:
    access: all
    access_create: all
    access_persistent: all${options.roomLimits ? '\n    min_message_interval: 1' : ''}${options.archive ? '\n    default_room_options: { mam: true }' : ''}
  mod_muc_admin: {}
  mod_offline: {}
  mod_ping: {}
  mod_private: {}
  mod_pubsub:
    access_createnode: local
    plugins: ["flat", "pep"]
  mod_register:
    ip_access: all
    access: register
  mod_roster:
    versioning: true
  mod_stream_mgmt: ${options.anyAckQueue ? '{ max_ack_queue: infinity }' : '{}'}
  mod_time: {}
  mod_vcard: {}
  mod_version: {}
${options.extra}`;
}

/**
 * Debian's own configuration with nothing changed but ports, addresses, certificates and the hosts; its HTTP
 * API obeys loopback, so that the tests can add accounts.
 *
 * @param packaged the text of Debian's ejabberd.yml.
 * @throws where it listens on a port that is not known here: a newer package then needs a look.
 */
export function packagedConfig(packaged: string, options: EjabberdConfigOptions): string {
  const { ports } = options;
  const replacements: Readonly<Record<string, number>> = {
    5222: ports.c2s,
    5223: ports.c2sTls,
    5269: ports.s2s,
    5443: ports.https,
    5280: ports.admin,
    3478: ports.stun,
    5478: ports.stunTls,
    1883: ports.mqtt,
  };
  return (
    packaged
      .replace(/^( +port: )(\d+)$/gm, (_line, before: string, port: string) => {
        const own = replacements[port];
        if (own === undefined) throw new Error(`Debian's ejabberd.yml has a new port: ${port}`);
        return `${before}${own}`;
      })
      .replace(/^( +ip: )"::"$/gm, '$1"127.0.0.1"')
      .replace(/^hosts:\n(?: +- .*\n)+/m, `hosts: ${JSON.stringify(options.hosts)}\n`)
      .replace(/^api_permissions:\n/m, API_PERMISSIONS)
      .replace(
        /^certfiles:\n(?: +- .*\n)+/m,
        `certfiles: ["${options.certFile}"]\nca_file: "${options.caFile}"\n`,
      ) + options.extra
  );
}
