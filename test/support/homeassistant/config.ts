/** Writes the configuration of a Home Assistant that needs neither onboarding nor a browser. */
import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HassVersion, REQUIRED } from './install';

export interface HomeAssistantConfig {
  /** @default the required one */
  readonly version?: HassVersion;
  readonly httpPort: number;
  readonly brokerPort: number;
  readonly user?: string;
  readonly password?: string;
}

/** They end after 300 s where their port stands in YAML. */
const HAS_HTTP_STORE: ReadonlySet<HassVersion> = new Set(['2026.11.0']);

const http = (port: number, now: string): object => ({
  server_host: ['127.0.0.1'],
  server_port: port,
  cors_allowed_origins: [],
  login_attempts_threshold: -1,
  ip_ban_enabled: false,
  ssl_profile: 'intermediate_v6',
  use_x_frame_options: true,
  created_at: now,
  error: null,
  error_message: null,
});

const YEARS = 315_360_000;

/** Returns a token for its API: it is signed with a key that stands in the configuration, too. */
export function writeConfig(
  folder: string,
  { httpPort, brokerPort, user, password, version = REQUIRED }: HomeAssistantConfig,
): string {
  mkdirSync(join(folder, '.storage'), { recursive: true });
  const id = (): string => randomBytes(16).toString('hex');
  const store = (key: string, data: unknown, version = 1, minor = 1): void =>
    writeFileSync(
      join(folder, '.storage', key),
      JSON.stringify({ version, minor_version: minor, key, data }),
      { mode: 0o600 },
    );
  const now = new Date().toISOString().replace('Z', '000+00:00');
  const [userId, tokenId, key] = [id(), id(), randomBytes(64).toString('hex')];
  writeFileSync(
    join(folder, 'configuration.yaml'),
    `homeassistant:
  name: Test
  latitude: 52
  longitude: 13
  elevation: 0
  unit_system: metric
  time_zone: UTC
  country: DE
  currency: EUR
  language: en
${HAS_HTTP_STORE.has(version) ? '' : `http:\n  server_host: 127.0.0.1\n  server_port: ${httpPort}\n`}frontend:
  development_repo: /opt/ha/noweb
logger:
  default: info
`,
  );
  if (HAS_HTTP_STORE.has(version))
    store('http', { stable: http(httpPort, now), pending: null, yaml_migration_done: true }, 3);
  store('onboarding', { done: ['user', 'core_config', 'analytics', 'integration'] }, 4);
  store('auth', {
    users: [
      {
        id: userId,
        group_ids: ['system-admin'],
        is_owner: true,
        is_active: true,
        name: 'test',
        system_generated: false,
        local_only: false,
      },
    ],
    groups: [
      { id: 'system-admin', name: 'Administrators' },
      { id: 'system-users', name: 'Users' },
      { id: 'system-read-only', name: 'Read Only' },
    ],
    credentials: [],
    refresh_tokens: [
      {
        id: tokenId,
        user_id: userId,
        client_id: null,
        client_name: 'test',
        client_icon: null,
        token_type: 'long_lived_access_token',
        created_at: now,
        access_token_expiration: YEARS,
        token: randomBytes(64).toString('hex'),
        jwt_key: key,
        last_used_at: null,
        last_used_ip: null,
        expire_at: null,
        credential_id: null,
        version: null,
      },
    ],
  });
  const entry = {
    created_at: now,
    modified_at: now,
    data: { broker: '127.0.0.1', port: brokerPort, ...(user && { username: user, password }) },
    disabled_by: null,
    discovery_keys: {},
    domain: 'mqtt',
    entry_id: '01JMQTT0000000000000000000',
    ...(version === '2024.12.5' ? { version: 1, minor_version: 2 } : { version: 2, minor_version: 1 }),
    options: {},
    pref_disable_new_entities: false,
    pref_disable_polling: false,
    source: 'user',
    subentries: [],
    title: '127.0.0.1',
    unique_id: null,
  };
  store('core.config_entries', { entries: [entry] }, 1, 5);
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const issued = Math.floor(Date.now() / 1_000) - 1;
  const body = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ iss: tokenId, iat: issued, exp: issued + YEARS })}`;
  return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
}
