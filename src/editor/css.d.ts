/** The build puts a style sheet that a script imports beside that script, into the page. */
declare module '*.css';
