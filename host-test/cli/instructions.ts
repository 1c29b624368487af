/** What the demo prints when it is ready. */

/** Lines to read and to paste: one message that arrives, five things that are stopped. */
export function instructions({
  front,
  port,
  badPort,
  inside = "",
}: {
  front: string;
  port: number;
  badPort: number;
  /** Lines about TLS. */
  inside?: string;
}): string {
  const swaks = `swaks --server 127.0.0.1:${port} --helo client.example.org --from alice@example.org`;
  /** nc with one command of interest; the pauses let the server speak first. */
  const nc = (commands: string): string =>
    `(sleep 1; printf '${commands}\\r\\nQUIT\\r\\n'; sleep 1) | nc 127.0.0.1 ${port}`;
  /** EHLO and the wait for its reply. */
  const ehlo = "EHLO client.example.org\\r\\n'; sleep 1; printf '";
  const envelope = "MAIL FROM:<alice@example.org>\\r\\nRCPT TO:";
  const message = "Subject: hello\\r\\n\\r\\nHello Bob\\r\\n.";
  return `
listening on 127.0.0.1:${port} (${front}), in front of a mail server that shows what it gets
listening on 127.0.0.1:${badPort} (${front}), in front of a server with a bad greeting

Paste into another terminal. A message that arrives:

  ${swaks} --to bob@example.test --header 'Subject: hello'
  (sleep 1; printf '${ehlo}${envelope}<bob@example.test>\\r\\nDATA\\r\\n'; sleep 1; printf '${message}\\r\\nQUIT\\r\\n'; sleep 1) | nc 127.0.0.1 ${port}

What is stopped: an Exchange command, a recipient without a domain, binary data, a private command, a bad greeting.

  ${nc(`${ehlo}X-EXPS GSSAPI`)}
  ${nc(`${ehlo}${envelope}<root>`)}
  ${nc("HELO \\001\\220\\220\\377")}
  ${nc(`${ehlo}XADR`)}
  (sleep 1; printf 'QUIT\\r\\n'; sleep 1) | nc 127.0.0.1 ${badPort}

  ${swaks} --to root
${inside}
Findings and delivered mail appear here; Ctrl-C stops everything.
`;
}
