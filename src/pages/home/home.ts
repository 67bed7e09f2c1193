import './home.css';
import { el, setText } from '../../editor/dom';
import { LANGUAGE } from '../../editor/tiles/texts';
import { Feed, type Home, type Trouble } from './feed';
import { loginForm } from './login-form';
import { Session } from './session';
import { translate } from './texts';
import { TilesView } from './tiles-view';

/** The page for phones: chosen topics as tiles, to look at. */
function start(): void {
  document.documentElement.lang = LANGUAGE;
  const session = new Session();
  const count = el('p', 'count', { role: 'status' });
  const logout = el('button', 'logout', { type: 'button', hidden: true }, translate('logout'));
  const trouble = el('p', 'trouble', { role: 'alert', hidden: true });
  const tiles = new TilesView();
  const main = el('main', '', {}, el('p', 'note', {}, translate('loading')));
  document.body.append(el('header', '', {}, el('h1', '', {}, 'DinoX'), count, logout), trouble, main);

  const showTiles = (home: Home): void => {
    trouble.hidden = true;
    logout.hidden = !session.isOwn;
    if (!tiles.element.isConnected) main.replaceChildren(tiles.element);
    setText(count, tiles.show(home));
  };
  const showLogin = async (): Promise<void> => {
    feed.clear();
    setText(count, '');
    logout.hidden = true;
    trouble.hidden = true;
    main.replaceChildren(await loginForm(session, () => feed.start()));
    main.querySelector('input')?.focus();
  };
  const showTrouble = (what: Trouble): void => {
    if (what === 'login') {
      showLogin().catch(() => showTrouble('lost'));
      return;
    }
    setText(trouble, translate(`trouble.${what}`));
    trouble.hidden = false;
  };
  const feed = new Feed(session, showTiles, showTrouble);
  logout.addEventListener('click', () => {
    session.logout().then(showLogin, () => showTrouble('lost'));
  });
  feed.start();
  // A browser has service workers only over https, and on the machine itself.
  if ('serviceWorker' in navigator) navigator.serviceWorker.register('worker.js').catch(() => {});
}

start();
