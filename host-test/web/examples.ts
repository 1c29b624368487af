/** Example dialogues. */

export interface Example {
  name: string;
  text: string;
}

export const EXAMPLES: readonly Example[] = [
  {
    name: "A refused command",
    text: `S: 220 mx.example ESMTP
C: EHLO client.example
S: 250-mx.example
S: 250 PIPELINING
C: XEXCH50 1024 2
S: 250 ok
C: MAIL FROM:<alice@client.example>
S: 250 ok
C: RCPT TO:<root>
S: 250 ok
C: QUIT
S: 221 bye
`,
  },
  {
    name: "A message inside a message",
    text: `S: 220 mx.example ESMTP
C: EHLO client.example
S: 250 mx.example
C: MAIL FROM:<alice@client.example>
S: 250 ok
C: RCPT TO:<bob@mx.example>
S: 250 ok
C: DATA
S: 354 go
C: Subject: hello
C:
# LF alone before the dot: some servers end the message here.
C:: see you\\n.\\r\\n
C: MAIL FROM:<boss@mx.example>
C: RCPT TO:<bob@mx.example>
C: DATA
C: .
S: 250 queued
C: QUIT
S: 221 bye
`,
  },
  {
    name: "STARTTLS with a command after it",
    text: `S: 220 mx.example ESMTP
C: EHLO client.example
S: 250-mx.example
S: 250 STARTTLS
C: STARTTLS
C: RSET
S: 220 go
C.
`,
  },
  {
    name: "A clean mail",
    text: `S: 220 mx.example ESMTP
C: EHLO client.example
S: 250-mx.example
S: 250 SIZE 10485760
C: MAIL FROM:<alice@client.example>
S: 250 ok
C: RCPT TO:<bob@mx.example>
S: 250 ok
C: DATA
S: 354 go
C: Subject: hello
C:
C: See you on Monday.
C: .
S: 250 queued
C: QUIT
S: 221 bye
`,
  },
];
