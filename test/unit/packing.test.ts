/** What is published: nothing under the placeholder's address, and pages whose links work where docs/ is not. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const README = `![Home](docs/images/home.png) [manual](docs/README.md#how-to) [own](#install)
[elsewhere](https://xmpp.org/) [mail](mailto:a@example.org)\n`;

describe('packing', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dinox-packing-'));
    for (const file of ['packing.mjs', 'layout.mjs'])
      cpSync(join(ROOT, 'scripts', file), join(folder, 'scripts', file));
    writeFileSync(join(folder, 'README.md'), README);
    writeFileSync(join(folder, 'CHANGELOG.md'), '[x](docs/x.md)\n');
    named('github:somebody/dinox');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const named = (repository: string) =>
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ repository, version: '1.2.3' }));
  const packing = (what: string) =>
    spawnSync(process.execPath, ['scripts/packing.mjs', what], { cwd: folder, encoding: 'utf8' });
  const page = (name = 'README.md') => readFileSync(join(folder, name), 'utf8');

  it('refuses to publish with the placeholder, and says where to put the address', () => {
    named('github:OWNER/dinox');
    const { status, stderr } = packing('may-publish');
    assert.equal(status, 1);
    assert.match(stderr, /package\.json: "repository" is "github:OWNER\/dinox"/);
    named('github:somebody/dinox');
    assert.equal(packing('may-publish').status, 0);
  });

  it('makes links of the pages absolute, and brings the pages back, after a second packing too', () => {
    for (let turn = 0; turn < 2; turn++) assert.equal(packing('absolute').status, 0);
    assert.equal(
      page(),
      `![Home](https://raw.githubusercontent.com/somebody/dinox/v1.2.3/docs/images/home.png) [manual](https://github.com/somebody/dinox/blob/v1.2.3/docs/README.md#how-to) [own](#install)
[elsewhere](https://xmpp.org/) [mail](mailto:a@example.org)\n`,
    );
    assert.equal(page('CHANGELOG.md'), '[x](https://github.com/somebody/dinox/blob/v1.2.3/docs/x.md)\n');
    packing('restore');
    assert.equal(page(), README);
  });

  it('leaves the pages as they are while there is only the placeholder', () => {
    named('github:OWNER/dinox');
    packing('absolute');
    packing('restore');
    assert.equal(page(), README);
  });
});
