/**
 * Loaded into a Node-RED with `NODE_OPTIONS=--require …`: every resolver that it makes asks the DNS server whose address
 * stands in the file that DINOX_TEST_DNS names, as if the machine were set up so.
 */
const { readFileSync } = require('node:fs');
const dns = require('node:dns/promises');

const { Resolver } = dns;
dns.Resolver = class extends Resolver {
  constructor(options) {
    super(options);
    if (process.env.DINOX_TEST_DNS) this.setServers([readFileSync(process.env.DINOX_TEST_DNS, 'utf8')]);
  }
};
