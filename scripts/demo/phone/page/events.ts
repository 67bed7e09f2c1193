/** Milliseconds until a stream that the browser has given up is opened anew. */
const AGAIN = 2_000;
/** `EventSource.CLOSED` */
const CLOSED = 2;

/** What is used of an `EventSource`. */
export interface EventStream {
  readonly readyState: number;
  addEventListener(type: 'message' | 'error', listener: (event: { data?: unknown }) => void): void;
}

export interface EventReader {
  message(data: string): void;
  lost(): void;
}

/**
 * Reads a stream of events for as long as the page is open. The browser itself comes back after a lost connection, but
 * not after an answer such as 503, which npm start gives until Node-RED runs.
 */
export function readEvents(
  open: () => EventStream,
  { message, lost }: EventReader,
  after: (ms: number, then: () => void) => void,
): void {
  const events = open();
  events.addEventListener('message', ({ data }) => message(String(data)));
  events.addEventListener('error', () => {
    lost();
    if (events.readyState === CLOSED) after(AGAIN, () => readEvents(open, { message, lost }, after));
  });
}
