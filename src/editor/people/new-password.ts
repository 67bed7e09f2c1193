/// <reference lib="dom" />

/** A password that nobody has to remember: 24 letters and digits, 142 bits. */
export function newPassword(): string {
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';
  let password = '';
  while (password.length < 24) {
    const [byte = 255] = crypto.getRandomValues(new Uint8Array(1));
    // Only bytes of whole rounds count, so that all letters are equally likely.
    if (byte < letters.length * 4) password += letters[byte % letters.length];
  }
  return password;
}
