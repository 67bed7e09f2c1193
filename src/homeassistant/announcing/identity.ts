import { createHash } from 'node:crypto';

/** Prefix of all our topics for Home Assistant. */
const TOPICS = 'dinox-nr/ha';
const HASH_LENGTH = 12;
/** What Home Assistant takes as a part of an id or a topic. */
const PLAIN = /^[a-zA-Z0-9_-]{1,64}$/;

const HASH = new RegExp(`^[0-9a-f]{${HASH_LENGTH}}$`);

const hashOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH);

/** The installation and the connection that something is shown by. */
export interface Identity {
  /** Unique among all Node-REDs and flow files, in letters and digits. */
  installation: string;
  /** Id of the `dinox-broker`. */
  broker: string;
  /** Prefix of discovery, without a slash at its end. */
  prefix: string;
}

/** The id of a node as one level of a topic, and as a part of an id there. Node-RED takes any text as an id. */
export function idPart(id: string): string {
  return PLAIN.test(id) ? id : `x${hashOf(id)}`;
}

export function deviceId({ installation, broker }: Identity): string {
  return `dinox-nr_${installation}_${idPart(broker)}`;
}

export function configTopic(identity: Identity): string {
  return `${identity.prefix}/device/${deviceId(identity)}/config`;
}

/** A key of a node, or all of the node (`''`), as its entities and topics are named by. */
export interface Place {
  node: string;
  key: string;
}

/** Name of all that belongs to a place, `<node>_<hash of the key>`: it begins the ids of its components. */
export function placeId({ node, key }: Place): string {
  return `${idPart(node)}_${hashOf(key)}`;
}

/** Topic below which everything of a place stands: five levels, so that three are left of the eight that ejabberd takes. */
export function placeTopic({ installation }: Identity, { node, key }: Place): string {
  return `${TOPICS}/${installation}/${idPart(node)}/${hashOf(key)}`;
}

/** Filter for all commands to a node: `<place>/<part>/set`. */
export function commandFilter({ installation }: Identity, node: string): string {
  return `${TOPICS}/${installation}/${idPart(node)}/+/+/set`;
}

/** A place that {@link placeTopic} of this installation may have named, read from its topic. */
export interface OwnPlace {
  /** The level that stands for the node. */
  node: string;
  /** As {@link placeId}. */
  id: string;
}

/** undefined for a topic that is no place of this installation: what stands there is somebody else's. */
export function ownPlaceOf({ installation }: Identity, topic: string): OwnPlace | undefined {
  const prefix = `${TOPICS}/${installation}/`;
  if (!topic.startsWith(prefix)) return undefined;
  const [node = '', hash = '', ...more] = topic.slice(prefix.length).split('/');
  return more.length === 0 && PLAIN.test(node) && HASH.test(hash)
    ? { node, id: `${node}_${hash}` }
    : undefined;
}

/** A command's topic taken apart: the place's topic and the part that it is for; undefined for any other topic. */
export function commandOf(topic: string): { place: string; part: string } | undefined {
  const [, place, part] = /^(.+)\/([^/]+)\/set$/.exec(topic) ?? [];
  return place === undefined || part === undefined ? undefined : { place, part };
}
