/** Below it a connection test and the probe for overlapping filters try what a server does. */
const PROBES = 'dinox/probe/';
/** What the probe without a login asks Prosody's bridge for. */
const PROBE = 'dinox-probe';

/** Whether a topic is one of ours that is nobody's: not to be shown or offered. */
export function isProbe(topic: string): boolean {
  return topic.startsWith(PROBES) || topic === PROBE;
}
