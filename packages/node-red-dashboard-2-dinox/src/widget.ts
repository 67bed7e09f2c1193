/** The widget in the browser: Dashboard loads it, and finds the component in `window['ui-dinox-tiles']`. */
import { TilesWidget } from './tiles-widget';

/** The parts of Vue and of Dashboard that are used; both are in the page. */
declare global {
  interface Window {
    readonly Vue: { h(tag: string, attributes: object): unknown };
    'ui-dinox-tiles': { DinoxTiles: object };
  }
}

interface Component {
  readonly id: string;
  readonly $el: HTMLElement;
  readonly $socket: { emit(event: string, ...values: unknown[]): void };
  widget?: TilesWidget;
}

const DinoxTiles = {
  name: 'DinoxTiles',
  inject: ['$socket'],
  props: { id: { type: String, required: true }, props: Object, state: Object },
  mounted(this: Component): void {
    const { id, $socket } = this;
    this.widget = new TilesWidget(this.$el, (token, answer) =>
      $socket.emit('dinox-tiles', id, token, answer),
    );
  },
  unmounted(this: Component): void {
    this.widget?.close();
  },
  render: () => window.Vue.h('div', { class: 'dinox-widget' }),
};

window['ui-dinox-tiles'] = { DinoxTiles };
