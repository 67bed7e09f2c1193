import type { ServerProfile } from '../../servers/profiles';
import type { MqttVersion } from '../../servers/types';
import type { LinkError } from '../errors';

/** Which MQTT version to speak: as typed, or the profile's in their order until one is taken, which is remembered. */
export class VersionChoice {
  private readonly refused = new Set<MqttVersion>();
  private good: MqttVersion | undefined;

  constructor(private readonly typed: 'auto' | MqttVersion) {}

  /** The version for the next try; `probed` is what somebody found out already. */
  choose(profile: ServerProfile, probed: MqttVersion | undefined): MqttVersion {
    if (this.typed !== 'auto') return this.typed;
    const order = [this.good, probed, ...profile.versions].filter((version) => version !== undefined);
    return order.find((version) => !this.refused.has(version)) ?? 4;
  }

  /** A connection came about. */
  works(version: MqttVersion): void {
    this.good = version;
  }

  /** Notes a failed try; true where another version is worth one at once. */
  fallsBack(profile: ServerProfile, version: MqttVersion, reason: LinkError): boolean {
    // Old brokers close or reset the line without CONNACK where they meet a version that they do not know.
    const hungUp =
      reason.code === 'closed' || (reason.cause as { code?: unknown } | undefined)?.code === 'ECONNRESET';
    const isRefusal = reason.code === 'version' || (hungUp && version === 5);
    if (!isRefusal || this.typed !== 'auto' || this.good === version) return false;
    if (!profile.versions.some((other) => other !== version && !this.refused.has(other))) return false;
    this.refused.add(version);
    return true;
  }

  /** Versions were given up: it may not have been the version after all. */
  get anyRefused(): boolean {
    return this.refused.size > 0;
  }

  /** Begins with the best one again. */
  startOver(): void {
    this.refused.clear();
  }
}
