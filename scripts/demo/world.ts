/** What `npm start` has of TypeScript; `start.mjs` bundles it, and loads it. */
export { type Chat, startChat } from './chat/chat';
export { Phone } from './phone/phone';
export { phoneRoutes } from './phone/routes';
export { beginWeek, folderLock } from './seed';
