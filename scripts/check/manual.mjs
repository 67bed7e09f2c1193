/** Pages for users speak of what the package does. How it is tested is a matter of CONTRIBUTING.md. */
import { textOf } from '../layout.mjs';
import { filesBelow } from './source.mjs';

/** A test of ours; *Test connection*, a test alert and a test message are things that users have. */
const OF_TESTS = /\b(?:tests|tested|testing)\b|\btest (?:run|suite)s?\b|\ba test (?!alert|message)/i;

const blank = (text) => text.replace(/[^\n]/g, ' ');

const prose = (text) => text.replace(/^```[\s\S]*?^```|`[^`\n]*`|<!--[\s\S]*?-->/gm, blank);

const pages = () => ['README.md', ...filesBelow('docs', '.md')];

export function checkManual() {
  return pages().flatMap((path) =>
    prose(textOf(path) ?? '')
      .split('\n')
      .flatMap((line, index) => {
        const found = OF_TESTS.exec(line);
        return found
          ? [`${path}:${index + 1}: a user does not need to know of tests: “${found[0].trim()}”`]
          : [];
      }),
  );
}
