/** Recipients whose kind was found once: every run plays them, so that no kind comes back for want of luck. */

/** One line and what a server takes it for; "#" stands for the word that carries the number. */
interface KnownPath {
  line: string;
  server: "Postfix" | "Exim" | "OpenSMTPD" | "aiosmtpd" | "smtp-server";
  mailbox: string;
}

/** The same with a number in the word. */
export interface NumberedPath extends KnownPath {
  number: number;
}

const KNOWN: KnownPath[] = [
  // A group, beside or round a path with a domain.
  { line: "RCPT TO:<a@x.org:#;>", server: "Postfix", mailbox: "#@judge.test" },
  { line: "RCPT TO:<a@x.org>:#;", server: "Postfix", mailbox: "#@judge.test" },
  // Comments: before a source route, round a domain, cut by a blank.
  { line: "RCPT TO:<()@x.org:#>", server: "Postfix", mailbox: "#@judge.test" },
  { line: "RCPT TO:<#(@x.org)>", server: "Exim", mailbox: "#@judge.test" },
  { line: "RCPT TO:#(b ORCPT=rfc822;c)@x.org", server: "Exim", mailbox: "#@judge.test" },
  // A phrase that looks like a mailbox.
  { line: "RCPT TO:<a@x.org<#>>", server: "Postfix", mailbox: "#@judge.test" },
  // Quotes: a route or a backslash in front of them, an encoded word in them, a colon and a bracket in one
  // string, a blank before an escaped quote.
  { line: 'RCPT TO:<@":#(":a@x.org>', server: "Postfix", mailbox: "#@judge.test" },
  { line: 'RCPT TO:<\\"#@x.org>', server: "aiosmtpd", mailbox: '"\\\\#@x.org>"' },
  { line: "RCPT TO:<=?us-ascii?q?#@x.org?=>", server: "aiosmtpd", mailbox: '"#@x.org"' },
  { line: 'RCPT TO:<"a:#> NOTIFY=NEVER"@x.org>', server: "OpenSMTPD", mailbox: "#@judge.test" },
  { line: 'RCPT TO:<"a \\"#"@x.org>', server: "Exim", mailbox: '"a=\\"#"@x.org' },
  { line: 'RCPT TO:<"a b"."\\"#"@x.org>', server: "Exim", mailbox: '"a=b"."\\"#"@x.org' },
  // Blanks beyond ASCII, which Python leaves out of a domain; some of their octets alone are none.
  { line: "RCPT TO:<#@\xe2\x80\xa8>", server: "aiosmtpd", mailbox: "#@" },
  { line: "RCPT TO:<#@g\xe2\x80\xa8.org>", server: "aiosmtpd", mailbox: "#@g.org" },
  { line: "RCPT TO:<#@\xc2\xa0g.org>", server: "aiosmtpd", mailbox: "#@g.org" },
  { line: "RCPT TO:#@g.org\xe3\x80\x80", server: "aiosmtpd", mailbox: "#@g.org" },
  { line: "RCPT TO:<@r.org:#@\xa0>", server: "aiosmtpd", mailbox: "#@\xa0" },
  { line: "RCPT TO:<#@\xe2\x80a>", server: "aiosmtpd", mailbox: "#@\xe2\x80a" },
  // Dots beyond ASCII (RFC 3490 3.1).
  { line: "RCPT TO:<#@\xe3\x80\x82>", server: "smtp-server", mailbox: "#@." },
  { line: "RCPT TO:<#@g\xef\xbc\x8eorg>", server: "smtp-server", mailbox: "#@g.org" },
];

/** Of proper ones that were once found fault with: what looks like the end of the path, in quotes after a route. */
const PROPER: KnownPath[] = [
  { line: 'RCPT TO:<@r.org:"#>"@x.org>', server: "Postfix", mailbox: "#>@x.org" },
  {
    line: 'RCPT TO:<@a.org,@b.org:"#> NOTIFY=NEVER"@x.org>',
    server: "Exim",
    mailbox: '"#> NOTIFY=NEVER"@x.org',
  },
  { line: 'RCPT TO:<@[192.0.2.1]:"#\\">"@x.org>', server: "aiosmtpd", mailbox: '"#\\">"@x.org' },
];

/** Lines that nobody should write. @param first number of the first one */
export function knownPaths(first: number): NumberedPath[] {
  return KNOWN.map((path, index) => numbered(path, first + index));
}

/** Proper ones, likewise. */
export function knownProperPaths(first: number): NumberedPath[] {
  return PROPER.map((path, index) => numbered(path, first + index));
}

function numbered({ line, server, mailbox }: KnownPath, number: number): NumberedPath {
  const word = `u${number}u`;
  return { line: line.replace("#", word), server, mailbox: mailbox.replace("#", word), number };
}
