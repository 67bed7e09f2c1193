/** Mocha's `spec` for people, and beside it the outcome as JSON in the file that DINOX_TEST_RESULT names. */
const { writeFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

const EVENT = Runner.constants;

module.exports = class ResultReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    /** @type {{ finished: boolean, total: number, passed: number, failed: object[], skipped: string[] }} */
    const result = { finished: false, total: runner.total, passed: 0, failed: [], skipped: [] };
    const save = () => writeFileSync(process.env.DINOX_TEST_RESULT ?? '', JSON.stringify(result));
    // Written at once, so that a run that never ends is told from one that never began.
    save();
    runner.on(EVENT.EVENT_TEST_PASS, () => {
      result.passed += 1;
    });
    runner.on(EVENT.EVENT_TEST_PENDING, (test) => result.skipped.push(test.fullTitle()));
    runner.on(EVENT.EVENT_TEST_FAIL, (test, error) =>
      result.failed.push({ title: test.fullTitle(), isHook: test.type === 'hook', error: error.message }),
    );
    runner.once(EVENT.EVENT_RUN_END, () => {
      result.finished = true;
      save();
    });
  }
};
