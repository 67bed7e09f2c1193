/**
 * Rules for fields, checked while somebody types: those of the runtime, which gives the reasons. No DOM and no Node-RED in
 * here. `${NAME}` of an environment variable never gets here, because Node-RED accepts it unchecked.
 */
import { readDuration, readPoll } from '../base/duration';
import { Fault } from '../base/fault';
import { FIELD_RANGES } from '../base/field-ranges';
import { jsonObject } from '../base/json-object';
import type { Text } from '../base/text';
import { readWhole } from '../base/whole-number';
import { readFingerprints } from '../net/fingerprint';
import { readHost, readXmppService } from '../net/host';
import { filterFault, topicFault } from '../topics/filter';
import { readAccount, readService, resourceFault } from '../xmpp/jid-grammar';
import { entriesOf } from '../xmpp/typed-addresses';

/** The reason why a text cannot be used, undefined for a valid one. */
export type Rule = (typed: string) => Text | undefined;

/** A reason in the words of the node's own labels: `problem.<name>`. */
export function ownReason(name: string, params?: Text['params']): Text {
  return params ? { key: `problem.${name}`, params } : { key: `problem.${name}` };
}

/** A rule for a field that may be empty; blanks around the text do not count. */
export const optional =
  (read: (typed: string) => unknown): Rule =>
  (typed) => {
    const trimmed = typed.trim();
    return trimmed === '' ? undefined : reasonOf(read(trimmed));
  };

export function reasonOf(reading: unknown): Text | undefined {
  return reading instanceof Fault ? reading.text : undefined;
}

/** A whole number in the range of its field; empty: the default. */
export const whole = (field: keyof typeof FIELD_RANGES): Rule =>
  optional((typed) => readWhole(typed, FIELD_RANGES[field]));

/** `10s`, `5m`, `1h30m`, `500ms`, `7d`, or seconds without a unit; empty: the default. */
export const duration = /* @__PURE__ */ optional(readDuration);

/** The wait between two looks at the nodes of a PubSub service; empty: the default. */
export const poll = /* @__PURE__ */ optional(readPoll);

/** SHA-256 fingerprints of certificates; empty: none. */
export const fingerprints = /* @__PURE__ */ optional(readFingerprints);

/** A host name, an address, or a whole URL such as `wss://host:443/mqtt`; empty: it is found. */
export const host = /* @__PURE__ */ optional(readHost);

/** `xmpp://host:port` or `xmpps://host:port`; empty: DNS is asked. */
export const xmppService = /* @__PURE__ */ optional(readXmppService);

/** The JID of an account, bare or full; empty: no account. */
export const jid = /* @__PURE__ */ optional(readAccount);

/** A PubSub service: a domain, `pubsub.example.org`, or the account; empty: it is found. */
export const pubsubService = (account: string): Rule =>
  optional((typed) => {
    const jid = readAccount(account.trim());
    return readService(typed, jid instanceof Fault ? undefined : jid.bare);
  });

/** The resource of an XMPP session; empty: made from the node. */
export const resource = /* @__PURE__ */ optional((typed) => resourceFault(typed, 'jid.resource'));

/** A topic filter. */
export const filter: Rule = (typed) => filterFault(typed)?.text;

/** Topic filters, one per line. */
export const filters: Rule = (typed) => firstReason(entriesOf(typed, /\n/), filter);

/** A topic to publish to; empty: it comes with the message. */
export const topic: Rule = (typed) => (typed === '' ? undefined : topicFault(typed)?.text);

/** User properties (MQTT 5 §3.3.2.3.7) as a JSON object. */
export const userProperties = /* @__PURE__ */ optional((typed) => jsonObject(typed));

/** The reason of the first entry that has one. */
export function firstReason(entries: readonly string[], rule: Rule): Text | undefined {
  for (const entry of entries) {
    const reason = rule(entry);
    if (reason) return reason;
  }
  return undefined;
}
