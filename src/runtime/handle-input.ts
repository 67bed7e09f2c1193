/** Runs an action and calls `done` once, with its error if there is one. */
export function handleInput(action: () => void, done: (error?: Error) => void): void {
  try {
    action();
  } catch (error) {
    done(error as Error);
    return;
  }
  done();
}
