import './people.css';
import { BotAccount } from './bot-account';
import { InvitationField } from './invitation-field';
import { People } from './people';
import { PeopleChooser } from './people-chooser';

/**
 * Parts that the chat dialogs share. They come to the page once, with `dinox-broker`, which each dialog needs; bundled
 * into each, they would enlarge the editor's payload.
 */
export const chatParts = { BotAccount, InvitationField, PeopleChooser, People };
export type ChatParts = typeof chatParts;
