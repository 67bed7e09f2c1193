/** docs/prosody-pubsub.md shows the lines that *Copy server configuration* gives, and with which tests start servers. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inEnglish } from '../../../../src/base/english';
import { serverConfiguration } from '../../../../src/servers/configuration/configuration';

/** What Prosody reads of it: comments and blank lines are for people. */
const lines = (lua: string): string[] =>
  lua.split('\n').filter((line) => line.trim() !== '' && !/^\s*--/.test(line));

describe('the page "From an open MQTT port to none"', () => {
  it('has the lines of the copied configuration', () => {
    const page = readFileSync(join(__dirname, '../../../../docs/prosody-pubsub.md'), 'utf8');
    const shown = [...page.matchAll(/```lua\n(.*?)```/gs)].map(([, lua = '']) => lines(lua));
    const copied = serverConfiguration('prosody', {
      jid: 'nodered@example.org',
      domain: 'example.org',
      pubsub: 'pubsub.example.org',
      transport: 'pubsub',
      mqtt: { host: 'example.org', port: 8883 },
    }).map(({ text }) => lines(inEnglish(text)));
    assert.deepEqual(shown, copied);
  });
});
