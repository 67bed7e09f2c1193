/// <reference path="../red.d.ts" />
import type { Rule } from '../validation';
import type { AddressRules } from './address-rules';

/** The rules that `dinox-broker` brought to the page; undefined while it is switched off. */
export function addressRules(): AddressRules | undefined {
  return RED.nodes.getType('dinox-broker')?.addressRules as AddressRules | undefined;
}

/** One of them. While `dinox-broker` is switched off, nothing is refused. */
export function addressRule(name: 'allow' | 'nick' | 'recipients' | 'rooms'): Rule {
  return (typed) => addressRules()?.[name](typed);
}
