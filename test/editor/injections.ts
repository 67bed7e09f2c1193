/** What a hostile publisher may send. All of it is to be seen as text, and to do nothing. */

/** Sets `window.dinoxHacked`, in the ways in which pages are made to run somebody else's code. */
const RUN = 'window.dinoxHacked=1';

const MARKUP = [
  `<script>${RUN}</script>`,
  `"><script>${RUN}</script>`,
  `</script><script>${RUN}</script>`,
  `<img src=x onerror="${RUN}">`,
  `<img src=x onerror=${RUN}>`,
  `'><img src=x onerror='${RUN}'>`,
  `<svg onload="${RUN}">`,
  `<svg><script>${RUN}</script></svg>`,
  `<svg><animate onbegin="${RUN}" attributeName=x dur=1s>`,
  `<iframe src="javascript:${RUN}"></iframe>`,
  `<iframe srcdoc="<script>parent.${RUN}</script>"></iframe>`,
  `<a href="javascript:${RUN}">x</a>`,
  `<form action="javascript:${RUN}"><button>x</button></form>`,
  `<input autofocus onfocus="${RUN}">`,
  `<details open ontoggle="${RUN}">x</details>`,
  `<video><source onerror="${RUN}"></video>`,
  `<body onload="${RUN}">`,
  `<object data="javascript:${RUN}"></object>`,
  `<embed src="javascript:${RUN}">`,
  `<math><mtext><style><img src=x onerror="${RUN}"></style></mtext></math>`,
  `<template><img src=x onerror="${RUN}"></template>`,
  `<style>@import 'javascript:${RUN}';</style>`,
  `<link rel=stylesheet href="data:text/css,*{display:none}">`,
  `<base href="https://evil.example/">`,
  `<meta http-equiv=refresh content="0;url=javascript:${RUN}">`,
  `<marquee onstart="${RUN}">x</marquee>`,
  `&lt;img src=x onerror=${RUN}&gt;`,
  `&#60;script&#62;${RUN}&#60;/script&#62;`,
  `<!--><script>${RUN}</script>-->`,
  `<![CDATA[<script>${RUN}</script>]]>`,
];

const ATTRIBUTES = [
  `" onmouseover="${RUN}" x="`,
  `' onfocus='${RUN}' autofocus='`,
  `" style="position:fixed;inset:0" x="`,
  '`;${window.dinoxHacked=1};`',
  `${'${'}${RUN}}`,
  `{{constructor.constructor('${RUN}')()}}`,
  `javascript:${RUN}`,
  `data:text/html,<script>${RUN}</script>`,
  '__proto__',
  'constructor',
  'red-ui-header',
];

const CHARACTERS = [
  'a\u202egnp.exe',
  '\u2066\u2067isolated\u2069',
  'zero\u200bwidth\u200djoined\ufeff',
  'bell\u0007 escape\u001b[31mred',
  'line\nline\r\nline',
  'homе/sеnsors/tеmpеraturе',
  '\u0300'.repeat(200),
  '\ud83d\udc69\u200d\ud83d\udc69\u200d\ud83d\udc67',
];

const LONG = ['x'.repeat(1_000_000)];

/** Fifty payloads. */
export const PAYLOADS: readonly string[] = [...MARKUP, ...ATTRIBUTES, ...CHARACTERS, ...LONG];

/** The same as topics, as far as one may publish to them: no wildcard, no control character. */
export const TOPICS: readonly string[] = [...MARKUP, ...ATTRIBUTES, ...CHARACTERS]
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what no topic may hold is taken out.
  .map((text) => text.replace(/[+#\u0000-\u001f]/g, '').slice(0, 300))
  .filter(Boolean);
