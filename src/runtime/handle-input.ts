/** Runs an action and tells `done` how it went, once. */
export function handleInput(action: () => void, done: (error?: Error) => void): void {
  try {
    action();
  } catch (error) {
    done(error as Error);
    return;
  }
  done();
}
