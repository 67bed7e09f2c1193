/** Of choosing people and of the bot's account; colours only from Node-RED's variables, so that themes hold. */
export const PEOPLE_STYLE = `
/* Node-RED's own colours are too weak, on 4 at rest, on 5 dark with the focus. */
.dinox-form button.red-ui-button.dinox-button:not(:disabled), .dinox-form button.red-ui-button.dinox-button:not(:disabled):is(:hover, :focus, :active) {
  color: var(--red-ui-primary-text-color) !important; }
.dinox-form .dinox-people-row { position: relative; }
.dinox-form .dinox-people-row > textarea { align-self: stretch; }
.dinox-form .dinox-people-button { flex: none; margin-left: 6px; align-self: flex-start; min-width: 34px; }
.dinox-form .form-row > div.dinox-people { position: absolute; z-index: 20; right: 0; max-height: 286px;
  overflow-y: auto; padding: 4px 0; box-sizing: border-box; border: 1px solid var(--red-ui-secondary-border-color);
  border-radius: 4px; background: var(--red-ui-form-input-background); color: var(--red-ui-form-text-color);
  box-shadow: 0 4px 14px var(--red-ui-shadow, rgba(0, 0, 0, 0.3)); }
.dinox-form .form-row > div.dinox-people[hidden] { display: none; }
.dinox-people-title { padding: 6px 12px 2px; font-size: 11px; font-weight: bold; text-transform: uppercase;
  letter-spacing: 0.04em; color: var(--red-ui-secondary-text-color-inactive); }
.dinox-person { display: flex; align-items: center; gap: 10px; padding: 5px 12px; cursor: pointer; }
.dinox-person > .fa { flex: none; width: 16px; text-align: center; }
.dinox-person:hover, .dinox-person.dinox-active { background: var(--red-ui-list-item-background-hover); }
.dinox-person.dinox-active { box-shadow: inset 3px 0 0 var(--red-ui-form-input-focus-color); }
.dinox-person-words { flex: 1; min-width: 0; display: grid; grid-template-columns: minmax(0, 1fr) auto; column-gap: 10px;
  line-height: 1.35; }
.dinox-person-words > .dinox-person-jid { grid-column: 1 / -1; }
.dinox-person-name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate; }
.dinox-person-jid { font-size: 12px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  unicode-bidi: isolate; color: var(--red-ui-secondary-text-color-inactive); }
.dinox-tone { flex: none; display: inline-flex; align-items: center; gap: 6px; font-size: 12px; white-space: nowrap;
  color: var(--red-ui-secondary-text-color-inactive); }
.dinox-dot { width: 9px; height: 9px; border-radius: 50%; box-sizing: border-box; border: 2px solid currentColor; }
.dinox-dot-there { background: var(--red-ui-border-color-success); border-color: var(--red-ui-border-color-success); }
.dinox-dot-away { background: var(--red-ui-border-color-warning); border-color: var(--red-ui-border-color-warning); }
.dinox-dot-busy { background: var(--red-ui-border-color-error); border-color: var(--red-ui-border-color-error); }
.dinox-tone > .fa { font-size: 13px; }
.dinox-form .dinox-chips { display: flex; flex-wrap: wrap; gap: 5px; padding-top: 6px; }
.dinox-form .dinox-chips:empty { display: none; }
.dinox-chip { display: inline-flex; align-items: center; gap: 6px; max-width: 100%; padding: 1px 9px; border-radius: 11px;
  border: 1px solid var(--red-ui-secondary-border-color); box-sizing: border-box;
  color: var(--red-ui-primary-text-color); background: var(--red-ui-secondary-background); }
.dinox-chip > .dinox-person-name { min-width: 0; }
.dinox-chip .fa { font-size: 11px; }
.dinox-form > .dinox-caution { margin: 0 0 12px 138px; padding: 8px 10px; box-sizing: border-box;
  border: 1px solid var(--red-ui-secondary-border-color); border-left: 4px solid var(--red-ui-border-color-warning);
  border-radius: 4px; overflow-wrap: anywhere; line-height: 1.4; }
.dinox-form > .dinox-caution[hidden] { display: none; }
.dinox-form .dinox-caution > p { margin: 0; }
.dinox-form .dinox-caution details { margin: 8px 0 0; }
.dinox-caution ul { margin: 0 0 10px 20px; padding: 0; }
.dinox-caution li { margin: 0 0 6px; }
.dinox-caution code { padding: 1px 5px; font-size: 12px; overflow-wrap: anywhere; white-space: pre-wrap; border: 0; border-radius: 3px;
  color: var(--red-ui-primary-text-color); background: var(--red-ui-secondary-background); }
.dinox-bot-make { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; margin: 4px 0; }
.dinox-form .dinox-bot-make > label { flex: 0 0 100%; width: auto; margin: 0; }
.dinox-form .dinox-bot-make > input { flex: 1 1 160px; min-width: 0; width: auto; margin: 0; }
.dinox-bot-told:empty { display: none; }
.dinox-bot-told { margin: 6px 0; overflow-wrap: anywhere; }
.dinox-bot-told[data-fault=true] { color: var(--red-ui-text-color-error); }
`;
