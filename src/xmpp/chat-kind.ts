export type ChatKind = 'chat' | 'groupchat';
