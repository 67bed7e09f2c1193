import type { Translate } from '../../../editor/format';
import { red } from './red';

/** Where it is kept that somebody has seen the note: in the editor's settings of this person, on the server. */
const SEEN = 'dinox.welcomed';
const LOOK_EVERY_MS = 1_000;
const OURS = /^(dinox-|xmpp-(in|out)$)/;

export interface WelcomeActions {
  begin(): void;
  open(): void;
}

/**
 * Says once after installing where the tab is, to a person who may deploy and has no node of ours yet. Closing the note,
 * or placing a node of ours, is enough: it does not come again.
 */
export class Welcome {
  private shown: { close(): void } | undefined;
  private timer: number | undefined;

  constructor(
    private readonly translate: Translate,
    private readonly actions: WelcomeActions,
  ) {}

  /** Waits for the flows, and for what Node-RED itself says first. */
  start(): void {
    const { events, workspaces } = red();
    events.on('nodes:add', () => this.shown && hasOurs() && this.end());
    const begin = () => {
      showTabButton();
      this.wait();
    };
    // The palette manager installs us into an editor that has its flows.
    if (workspaces.active()) begin();
    else events.on('flows:loaded', begin);
  }

  private wait(): void {
    if (this.timer !== undefined || this.shown) return;
    this.timer = window.setTimeout(() => {
      this.timer = undefined;
      if (wasSeen() || hasOurs() || !RED.user.hasPermission('flows.write')) return;
      if (isBusy()) this.wait();
      else this.show();
    }, LOOK_EVERY_MS);
  }

  private show(): void {
    const { translate, actions } = this;
    const button = (key: string, act: () => void, style?: string) => ({
      text: translate(key),
      ...(style && { class: style }),
      click: () => {
        this.end();
        act();
      },
    });
    this.shown = red().notify($('<p>').text(translate('welcome.text')), {
      type: 'success',
      fixed: true,
      buttons: [
        button('welcome.close', () => {}),
        button('welcome.open', actions.open),
        button('guide.title', actions.begin, 'primary'),
      ],
    });
  }

  private end(): void {
    this.shown?.close();
    this.shown = undefined;
    red().settings.set(SEEN, true);
    // Somebody who may not save settings is not told again in this browser, either.
    red().settings.setLocal(SEEN, 'true');
  }
}

const wasSeen = () => red().settings.get(SEEN) === true || red().settings.getLocal(SEEN) === 'true';

function hasOurs(): boolean {
  let found = false;
  const look = ({ type }: EditorNode) => {
    found ||= OURS.test(type);
  };
  red().nodes.eachNode(look);
  red().nodes.eachConfig((node) => {
    look(node);
    return undefined;
  });
  return found;
}

/** True while Node-RED shows its tour or a question over all else. */
function isBusy(): boolean {
  return $('.red-ui-tourGuide-shade, #red-ui-full-shade').is(':visible');
}

/**
 * Puts the tab's icon before that of the config nodes: Node-RED 4 shows the first four only, and hides the rest in a
 * list. An order that a person has made stays.
 */
function showTabButton(): void {
  if (red().settings.get('editor.sidebar.order') !== undefined) return;
  for (const part of ['', '-link-button'])
    $(`#red-ui-tab-dinox${part}`).insertBefore(`#red-ui-tab-config${part}`);
  $('#red-ui-tab-dinox-link-button').show();
  // Node-RED hides again what has no room.
  $(window).trigger('resize');
}
