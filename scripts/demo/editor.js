/** In the editor of the demo: shows the tab of DinoX, the first time that this browser sees it. */
(() => {
  const KEY = 'dinox-start-shown';
  const timer = setInterval(() => {
    const { RED } = window;
    // Node-RED itself shows a tab when it has loaded.
    const isLoading = window.$?.('#red-ui-loading-progress').is(':visible') ?? true;
    if (isLoading || !RED?.nodes?.getType?.('dinox-broker')) return;
    clearInterval(timer);
    if (localStorage.getItem(KEY)) return;
    localStorage.setItem(KEY, 'yes');
    RED.actions.invoke('dinox:show-sidebar');
  }, 100);
  setTimeout(() => clearInterval(timer), 60_000);
})();
