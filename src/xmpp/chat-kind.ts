export type Kind = 'chat' | 'groupchat';
