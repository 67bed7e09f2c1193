/** Prefix of the topics on which a connection test and the probe for overlapping filters try a server. */
const PROBES = 'dinox-nr/probe/';
/** Topic that the probe without a login asks Prosody's bridge for. */
const PROBE = 'dinox-probe';

/** True for a topic of ours that belongs to no user. It is neither shown nor offered. */
export function isProbeTopic(topic: string): boolean {
  return topic.startsWith(PROBES) || topic === PROBE;
}
