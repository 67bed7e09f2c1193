/** Commands for whoever runs the server; what stands in them is plain enough for a shell as it is. */

const PLAIN_JID = /^([\w.+-]{1,100})@([\w-]+(?:\.[\w-]+){0,10})$/;

/** How to make this account on the server itself, by the server's name; empty where the JID is not plain. */
export function accountCommands(jid: string): [server: string, command: string][] {
  const [, local, domain] = PLAIN_JID.exec(jid) ?? [];
  if (!local || !domain || local.startsWith('-')) return [];
  return [
    ['Prosody', `prosodyctl adduser ${jid}`],
    ['ejabberd', `ejabberdctl register ${local} ${domain} PASSWORD`],
  ];
}

/**
 * Asks the server itself for the fingerprint of its certificate, wherever that lies: no file has to be known.
 * @param where as the certificate's `where`: `xmpp://chat.example.org:5222`
 */
export function fingerprintCommand(where: string, jid: string): string {
  const [, scheme = '', host = '', port = ''] =
    /^(xmpps?|mqtts?|wss?):\/\/([\w-]+(?:\.[\w-]+)*):(\d{1,5})(?:\/|$)/.exec(where) ?? [];
  const [, , domain = ''] = PLAIN_JID.exec(jid) ?? [];
  const name = scheme.startsWith('xmpp') ? domain || host : host;
  const as = scheme === 'xmpp' ? `-starttls xmpp -xmpphost ${name}` : `-servername ${name}`;
  const show = 'openssl x509 -noout -fingerprint -sha256';
  if (port === '' || name.startsWith('-')) return `${show} -in certificate.pem`;
  return `openssl s_client -connect localhost:${port} ${as} </dev/null | ${show}`;
}
