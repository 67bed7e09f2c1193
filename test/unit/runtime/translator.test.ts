import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { words } from '../../../src/base/catalogue';
import { TooOften } from '../../../src/base/rate-limit';
import german from '../../../src/base/texts/de.json';
import { readError, textReader } from '../../../src/runtime/translator';
import { SendError } from '../../../src/xmpp/send-error';

/** Node-RED's own translations, which it shares with every node. */
interface Translations {
  init(settings: object): void;
  registerMessageCatalog(namespace: string, folder: string, file: string): Promise<void>;
  i: { t(key: string, options: object): string };
}

describe('texts in the language of the process', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'dinox-labels-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('reads the catalogue in German; what a parameter holds stays as it is', async () => {
    mkdirSync(join(folder, 'de'));
    mkdirSync(join(folder, 'en-US'));
    writeFileSync(join(folder, 'de/dinox-broker.json'), JSON.stringify({ 'dinox-broker': { text: german } }));
    writeFileSync(join(folder, 'en-US/dinox-broker.json'), '{}');
    const { i18n } = createRequire(require.resolve('node-red'))('@node-red/util') as { i18n: Translations };
    i18n.init({ lang: 'de' });
    // As Node-RED's loader does it: a node has labels of its own, and asks for others by the name of their node.
    await i18n.registerMessageCatalog('@dinox/node-red-dinox/dinox-broker', folder, 'dinox-broker.json');
    const own = '@dinox/node-red-dinox/dinox-alert';
    const read = textReader({
      _: ((key: string, values: object) =>
        i18n.i.t(key.includes(':') ? key : `${own}:${key}`, values)) as never,
    });
    const error = new SendError('receiver-jid', { jid: 'a__why__@', why: words('$t(dinox) __jid__') });
    const told = readError(error, read);
    assert.equal(told.message, 'An den Empfänger a__why__@ kann nicht gesendet werden: $t(dinox) __jid__');
    assert.deepEqual([told.code, told.text, told.cause], ['receiver-jid', error.text, error]);
  });

  it('reads English where the labels are not there, and takes foreign errors by their own words', () => {
    const read = textReader({ _: ((key: string) => key) as never });
    assert.equal(read(new TooOften(3).text), 'Too many requests. Try again in 3 s.');
    const told = readError(new TypeError('no such thing'), read);
    assert.deepEqual([told.code, told.message], ['failed', 'no such thing']);
  });
});
