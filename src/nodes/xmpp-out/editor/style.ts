/** Of the preview; colours only from Node-RED's variables, so that themes hold. */
export const PHONE_STYLE = `
.dinox-phone { padding: 12px; border: 1px solid var(--red-ui-secondary-border-color); border-radius: 4px 4px 0 0;
  background: var(--red-ui-secondary-background); }
.dinox-bubble { width: fit-content; min-width: 120px; max-width: 88%; padding: 7px 12px 5px; box-sizing: border-box;
  border: 1px solid var(--red-ui-secondary-border-color); border-radius: 4px 14px 14px 14px;
  color: var(--red-ui-form-text-color); background: var(--red-ui-form-input-background); }
.dinox-bubble[hidden] { display: none; }
.dinox-bubble-from { font-size: 12px; font-weight: bold; overflow-wrap: anywhere; unicode-bidi: isolate;
  color: var(--red-ui-secondary-text-color-inactive); }
.dinox-bubble-body { max-height: 190px; overflow-y: auto; }
.dinox-bubble-text, .dinox-bubble-inside { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; line-height: 1.4; }
.dinox-bubble-inside { font-size: 12px; color: var(--red-ui-secondary-text-color-inactive); }
.dinox-bubble-file { display: flex; align-items: center; gap: 8px; padding: 3px 0; overflow-wrap: anywhere; unicode-bidi: isolate; }
.dinox-bubble-file > small { margin-left: auto; padding-left: 12px; white-space: nowrap; font-size: 12px;
  color: var(--red-ui-secondary-text-color-inactive); }
.dinox-bubble-error { color: var(--red-ui-text-color-error); }
.dinox-bubble-time { font-size: 11px; text-align: right; color: var(--red-ui-secondary-text-color-inactive); }
.dinox-phone-caption { padding: 5px 12px; font-size: 12px; line-height: 1.4;
  border: 1px solid var(--red-ui-secondary-border-color); border-top: 0; border-radius: 0 0 4px 4px;
  color: var(--red-ui-secondary-text-color-inactive); }
#dinox-test-message { margin-top: 10px; }
.dinox-phone-told { margin-top: 6px; line-height: 1.4; overflow-wrap: anywhere; }
.dinox-phone-told:empty { display: none; }
.dinox-phone-told[data-fault=true] { color: var(--red-ui-text-color-error); }
.dinox-form ul.dinox-phone-results { margin: 4px 0 0; padding: 0; list-style: none; font-size: 12px; line-height: 1.45; }
.dinox-phone-results > li { display: flex; gap: 8px; align-items: baseline; padding: 2px 0; overflow-wrap: anywhere; }
.dinox-phone-results > li > .fa { flex: none; width: 14px; text-align: center; }
.dinox-phone-results > li[data-state=received] > .fa, .dinox-phone-results > li[data-state=displayed] > .fa {
  color: var(--red-ui-border-color-success); }
.dinox-phone-results > li[data-state=failed] > .fa { color: var(--red-ui-border-color-error); }
.dinox-form .dinox-phone-row { align-items: flex-start; }
.dinox-form .dinox-phone-row > .dinox-phone-label { flex: 0 0 138px; width: 138px; padding: 8px 10px 0 0; box-sizing: border-box; }
.dinox-form .dinox-phone-row > .dinox-phone-label > i { width: 16px; text-align: center; margin-right: 3px; }
`;
