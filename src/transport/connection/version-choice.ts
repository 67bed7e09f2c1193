import type { ServerProfile } from '../../servers/profiles';
import type { MqttVersion } from '../../servers/types';
import type { LinkError } from '../errors';

/** Chooses the MQTT version: the typed one, or the profile's in their order until one is taken, which is remembered. */
export class VersionChoice {
  private readonly refused = new Set<MqttVersion>();
  private good: MqttVersion | undefined;

  constructor(private readonly typed: 'auto' | MqttVersion) {}

  /** The version for the next try; `probed` is known already. */
  choose(profile: ServerProfile, probed: MqttVersion | undefined): MqttVersion {
    if (this.typed !== 'auto') return this.typed;
    const order = [this.good, probed, ...profile.versions].filter((version) => version !== undefined);
    return order.find((version) => !this.refused.has(version)) ?? 4;
  }

  /** Remembers a version that connected. */
  works(version: MqttVersion): void {
    this.good = version;
  }

  /** Notes a failed try; true if another version is worth one at once. */
  fallsBack(profile: ServerProfile, version: MqttVersion, reason: LinkError): boolean {
    // Old brokers close or reset the line without CONNACK if they do not know the version.
    const hungUp =
      reason.code === 'closed' || (reason.cause as { code?: unknown } | undefined)?.code === 'ECONNRESET';
    const isRefusal = reason.code === 'version' || (hungUp && version === 5);
    if (!isRefusal || this.typed !== 'auto' || this.good === version) return false;
    if (!profile.versions.some((other) => other !== version && !this.refused.has(other))) return false;
    this.refused.add(version);
    return true;
  }

  /** True if versions were given up: the version may not have been the reason after all. */
  get anyRefused(): boolean {
    return this.refused.size > 0;
  }

  /** Begins with the best one again. */
  startOver(): void {
    this.refused.clear();
  }
}
