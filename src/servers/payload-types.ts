/** Payload types of `mod_pubsub_mqtt`: XEP-0335 JSON, plain text, the title of an Atom entry. */
export const PAYLOAD_TYPES = ['json', 'utf8', 'atom_title'] as const;
export type PayloadType = (typeof PAYLOAD_TYPES)[number];

export function isPayloadType(text: string): text is PayloadType {
  return (PAYLOAD_TYPES as readonly string[]).includes(text);
}
