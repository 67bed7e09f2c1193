/** Every check of `npm run check` that is our own finds what it is there for: shown on a copy that is broken on purpose. */
import assert from 'node:assert/strict';
import { type ExecFileException, execFile } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const NEEDED = [
  ...[
    'src',
    'scripts',
    'icons',
    'examples',
    'docs',
    'dist',
    'test/unit',
    'bench',
    '.ci',
    '.github',
    'packages',
  ],
  ...['package.json', 'package-lock.json', 'LICENSE', 'biome.json', 'tsconfig.json'],
  ...['tsconfig.editor.json', 'tsconfig.scripts.json'],
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'],
];
const TIMEOUT_MS = 60_000;

interface Breakage {
  readonly what: string;
  readonly part: string;
  readonly says: RegExp;
  breakIt(copy: Copy): void;
}

/** A copy of the repository that may be broken. */
class Copy {
  readonly folder = mkdtempSync(join(tmpdir(), 'dinox-checks-'));

  constructor() {
    for (const path of NEEDED.filter((one) => existsSync(join(ROOT, one))))
      cpSync(join(ROOT, path), this.at(path), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), this.at('node_modules'));
  }

  at(path: string): string {
    return join(this.folder, path);
  }

  change(path: string, from: string | RegExp, to: string): void {
    const text = readFileSync(this.at(path), 'utf8');
    const changed = text.replace(from, to);
    assert.notEqual(changed, text, `${path} does not hold ${from}`);
    writeFileSync(this.at(path), changed);
  }

  /** What a script says, and its exit code. */
  run(script: string, ...args: string[]): Promise<{ code: number; output: string }> {
    return new Promise((resolve) => {
      const done = (error: ExecFileException | null, stdout: string, stderr: string): void =>
        resolve({ code: error ? Number(error.code ?? -1) : 0, output: stdout + stderr });
      execFile(process.execPath, [this.at(script), ...args], { cwd: this.folder }, done);
    });
  }
}

const BREAKAGES: readonly Breakage[] = [
  {
    what: 'a layer that imports one above it',
    part: 'layers',
    says: /src\/topics\/broken\.ts:1: topics must not import runtime/,
    breakIt: (copy) => writeFileSync(copy.at('src/topics/broken.ts'), "export * from '../runtime/status';\n"),
  },
  {
    what: 'a pure layer that knows Node-RED',
    part: 'layers',
    says: /transport must not know Node-RED/,
    breakIt: (copy) =>
      writeFileSync(copy.at('src/transport/broken.ts'), "export type { Node } from 'node-red';\n"),
  },
  {
    what: 'state at the top of a module',
    part: 'layers',
    says: /no state at the top of a module/,
    breakIt: (copy) => appendFileSync(copy.at('src/topics/filter.ts'), 'export let counter = 0;\n'),
  },
  {
    what: 'a dialog that imports the runtime',
    part: 'layers',
    says: /a dialog must not import src\/runtime\/fields/,
    breakIt: (copy) =>
      appendFileSync(copy.at('src/nodes/dinox-mqtt-in/editor.ts'), "import '../../runtime/fields';\n"),
  },
  {
    what: 'a comment that does not begin with its subject',
    part: 'comments',
    says: /src\/topics\/own\.ts:\d+: begin the comment with its subject/,
    breakIt: (copy) => appendFileSync(copy.at('src/topics/own.ts'), '/** Whether it rains. */\n'),
  },
  {
    what: 'a label that one language lacks',
    part: 'locales',
    says: /de lacks dinox-mqtt-in\.label\.only/,
    breakIt: (copy) =>
      copy.change(
        'src/nodes/dinox-mqtt-in/locales/en-US.json',
        '"label": {',
        '"label": {"only": "in English",',
      ),
  },
  {
    what: 'a row of a dialog whose label is in no language',
    part: 'locales',
    says: /dinox-mqtt-in: dinox-mqtt-in\.label\.nowhere is used, and in no language/,
    breakIt: (copy) =>
      copy.change(
        'src/nodes/dinox-mqtt-in/editor.html',
        '<dinox-row name="topic"',
        '<dinox-row label="nowhere" name="topic"',
      ),
  },
  {
    what: 'help that one language lacks',
    part: 'locales',
    says: /help\.de\.md is missing/,
    breakIt: (copy) => rmSync(copy.at('src/nodes/dinox-broker/help.de.md')),
  },
  {
    what: 'a node without an icon of its own',
    part: 'scorecard',
    says: /dinox-mqtt-out: no icon of its own/,
    breakIt: (copy) =>
      copy.change('dist/nodes/dinox-mqtt-out.html', 'icon:"dinox-mqtt-out.svg"', 'icon: "bridge.svg"'),
  },
  {
    what: 'a node in another category',
    part: 'scorecard',
    says: /dinox-mqtt-in: category network is none of/,
    breakIt: (copy) =>
      copy.change('dist/nodes/dinox-mqtt-in.html', 'category:"DinoX"', 'category: "network"'),
  },
  {
    what: "a type's name that the palette's parser cannot read",
    part: 'scorecard',
    says: /must register dinox-history and nothing else, literally/,
    breakIt: (copy) =>
      copy.change(
        'dist/nodes/dinox-history.html',
        'registerType("dinox-history"',
        'registerType("dinox-" + "history"',
      ),
  },
  {
    what: 'a package without the keyword',
    part: 'scorecard',
    says: /P06 keyword node-red/,
    breakIt: (copy) => copy.change('package.json', '"node-red",', '"nodered",'),
  },
  {
    what: 'a file that nobody meant to pack',
    part: 'package',
    says: /packed, and not in .*: dist\/secret\.txt/,
    breakIt: (copy) => writeFileSync(copy.at('dist/secret.txt'), ''),
  },
  {
    what: 'another version in the changelog, and a package that no release publishes',
    part: 'versions',
    says: /release\.yml does not publish the package in packages\/[\s\S]*CHANGELOG\.md says 9\.9\.9/,
    breakIt: (copy) => {
      copy.change('CHANGELOG.md', /## \[[^\]]*\]/, '## [9.9.9]');
      copy.change('.github/workflows/release.yml', /working-directory: .*/, 'working-directory: src');
    },
  },
  {
    what: 'a link to nowhere',
    part: 'links',
    says: /CHANGELOG\.md: nowhere\.md does not exist/,
    breakIt: (copy) => appendFileSync(copy.at('CHANGELOG.md'), '[x](nowhere.md)\n'),
  },
  {
    what: 'a page for users that speaks of tests',
    part: 'manual',
    says: /docs\/chat\.md:\d+: .*“tested”/,
    breakIt: (copy) =>
      appendFileSync(copy.at('docs/chat.md'), 'This is tested. *Test connection*, `npm test`.\n'),
  },
];

describe('npm run check', function () {
  this.timeout(TIMEOUT_MS);
  let copy: Copy;
  beforeEach(() => {
    copy = new Copy();
  });
  afterEach(() => rmSync(copy.folder, { recursive: true, force: true }));

  // One run of a part finds all that is broken for it: reading the source is what takes its time.
  for (const part of new Set(BREAKAGES.map((one) => one.part))) {
    const broken = BREAKAGES.filter((one) => one.part === part);
    it(`${part} finds ${broken.map(({ what }) => what).join('; ')}`, async () => {
      for (const { breakIt } of broken) breakIt(copy);
      const { code, output } = await copy.run('scripts/check.mjs', part);
      for (const { says } of broken) assert.match(output, says);
      assert.equal(code, 1);
    });
  }

  it('fails to build where a dialog is missing, and leaves what was built', async () => {
    const before = readFileSync(copy.at('dist/nodes/dinox-mqtt-in.html'), 'utf8');
    rmSync(copy.at('src/nodes/dinox-mqtt-in/editor.html'));
    const { code, output } = await copy.run('scripts/build.mjs');
    assert.match(output, /src\/nodes\/dinox-mqtt-in\/editor\.html is missing/);
    assert.equal(code, 1);
    assert.equal(readFileSync(copy.at('dist/nodes/dinox-mqtt-in.html'), 'utf8'), before);
  });

  it('fails to build where a dialog has a tag that nobody expands', async () => {
    copy.change('src/nodes/dinox-mqtt-in/editor.html', '<dinox-row name="topic"', '<dinox-rwo name="topic"');
    const { code, output } = await copy.run('scripts/build.mjs');
    assert.match(output, /editor\.html of dinox-mqtt-in: <dinox-rwo .*is not understood/);
    assert.equal(code, 1);
  });

  it('fails to build where a client is loaded with the runtime', async () => {
    appendFileSync(copy.at('src/index.ts'), "export * as mqtt from 'mqtt';\n");
    const { code, output } = await copy.run('scripts/build.mjs');
    assert.match(output, /mqtt: load it with import\(\)/);
    assert.equal(code, 1);
  });
});
