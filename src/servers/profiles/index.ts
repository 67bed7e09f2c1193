import type { ServerType } from '../types';
import { ejabberd } from './ejabberd';
import { mosquitto } from './mosquitto';
import type { ServerProfile } from './profile';
import { prosody } from './prosody';

export type { PubsubAddress, ServerProfile, TopicMapping } from './profile';

const PROFILES: Readonly<Record<ServerType, ServerProfile>> = { ejabberd, prosody, mosquitto };

/** The profile of a kind of server. */
export function profileOf(type: ServerType): ServerProfile {
  return PROFILES[type];
}
