import './people.css';
import { BotAccount } from './bot-account';
import { People } from './people';
import { PeopleChooser } from './people-chooser';

/**
 * What the dialogs of chat share. It comes to the page once, with `dinox-broker`, which each of them needs; bundled
 * into each it would make the editor's payload larger by its size.
 */
export const chatParts = { BotAccount, PeopleChooser, People };
export type ChatParts = typeof chatParts;
