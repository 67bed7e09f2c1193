/** Keeps the page itself, so that it opens without a network. Values are never kept. */

interface FetchEvent extends Event {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

interface ExtendableEvent extends Event {
  waitUntil(done: Promise<unknown>): void;
}

const CACHE = 'dinox-home';
const FILES = ['./', 'home.js', 'home.css', 'icon.svg', 'icon-192.png', 'manifest.webmanifest'];
const scope = self as unknown as {
  addEventListener(type: 'install', listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
};
const kept = new Set(FILES.map((name) => new URL(name, self.location.href).href));

scope.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
});

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'GET' && kept.has(request.url)) event.respondWith(newest(request));
});

/** From Node-RED, and where it does not answer, what was kept. */
async function newest(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const found = await cache.match(request);
    if (found) return found;
    throw error;
  }
}
