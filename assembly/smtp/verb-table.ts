import { Verb } from "./verb";

/** What a verb means to the session; a set of bits. */
export const enum Trait {
  none = 0,
  /** One of RFC 5321 4.1.1: proves that a line was meant as a command, and is most of the traffic. */
  core = 1,
  /** Nothing sent after it is read before its reply came. */
  asks = 2,
  /** Its reply decides what the next bytes are, rather than only whether they are well timed. */
  decides = 4,
  /** Must be the last of a group (RFC 2920 3.1): servers hang up on what follows it at once. */
  last = 8,
  /** Its argument is a credential, or may hold one. */
  secret = 16,
  /** 334 to it opens an AUTH exchange. */
  opens_auth = 32,
  /** 354 to it opens data or a payload. */
  opens_data = 64,
  /** 220 to it begins TLS: the filter may write nothing until its reply came. */
  opens_tls = 128,
  /** 220 to it begins the session anew (Postfix XCLIENT_README). */
  restarts = 256,
  /** Octets follow whatever the reply is, so it cannot be rejected alone (RFC 3030 2). */
  payload = 512,
  /** 2xx to it makes the server the client (RFC 821 3.8, RFC 2645 4). */
  reverses = 1024,
  /** Only Exchange servers use it among themselves: Check Point's SBP-2010-06 names these. */
  exchange = 2048,
  /** The same, added by later Exchange servers. */
  exchange_extended = 4096,
}

/** The verbs that statistics tell apart, in the order of their names (host-test/pages/statistics.ts). */
export const enum VerbLabel {
  ehlo,
  helo,
  lhlo,
  mail,
  rcpt,
  data,
  bdat,
  rset,
  noop,
  quit,
  vrfy,
  expn,
  help,
  auth,
  starttls,
  other,
  /** No verb of a client: of replies only. */
  greeting,
  end_of_data,
}

const NAMES = new StaticArray<string>(Verb.count);
/** Sixteen bits a verb, outside the garbage collector: asked several times a command. */
const TRAITS: usize = memory.data(<i32>Verb.count * 2);

/** `verb` as it is written on the wire, or "" where the enum does not name one. */
export function verbName(verb: Verb): string {
  return verb < Verb.count ? NAMES[verb] : "";
}

/** Whether `verb` has one of `traits`. */
export function hasTrait(verb: Verb, traits: u32): bool {
  return ((<u32>load<u16>(TRAITS + ((<usize>verb) << 1))) & traits) != 0;
}

/** A `VerbLabel` a verb. */
const LABELS: usize = memory.data(<i32>Verb.count);

/** What statistics call `verb`. */
export function labelOf(verb: Verb): u32 {
  return load<u8>(LABELS + <usize>verb);
}

function label(verb: Verb, name: VerbLabel): void {
  store<u8>(LABELS + <usize>verb, <u8>name);
}

memory.fill(LABELS, <u8>VerbLabel.other, <usize>Verb.count);
label(Verb.ehlo, VerbLabel.ehlo);
label(Verb.helo, VerbLabel.helo);
label(Verb.lhlo, VerbLabel.lhlo);
label(Verb.mail, VerbLabel.mail);
label(Verb.rcpt, VerbLabel.rcpt);
label(Verb.data, VerbLabel.data);
label(Verb.bdat, VerbLabel.bdat);
label(Verb.rset, VerbLabel.rset);
label(Verb.noop, VerbLabel.noop);
label(Verb.quit, VerbLabel.quit);
label(Verb.vrfy, VerbLabel.vrfy);
label(Verb.expn, VerbLabel.expn);
label(Verb.help, VerbLabel.help);
label(Verb.auth, VerbLabel.auth);
label(Verb.auth_response, VerbLabel.auth);
label(Verb.starttls, VerbLabel.starttls);
label(Verb.end_of_data, VerbLabel.end_of_data);

function row(verb: Verb, name: string, traits: u32): void {
  NAMES[verb] = name;
  store<u16>(TRAITS + ((<usize>verb) << 1), <u16>traits);
}

for (let verb = 0; verb < <i32>Verb.count; verb++) NAMES[verb] = "";

row(Verb.helo, "HELO", Trait.core | Trait.asks | Trait.last);
row(Verb.ehlo, "EHLO", Trait.core | Trait.asks | Trait.last);
row(Verb.mail, "MAIL", Trait.core);
row(Verb.rcpt, "RCPT", Trait.core);
row(Verb.data, "DATA", Trait.core | Trait.asks | Trait.decides | Trait.opens_data);
row(Verb.rset, "RSET", Trait.core);
row(Verb.noop, "NOOP", Trait.core | Trait.asks | Trait.last);
row(Verb.quit, "QUIT", Trait.core | Trait.asks | Trait.last);
row(Verb.vrfy, "VRFY", Trait.core | Trait.asks | Trait.last);
row(Verb.expn, "EXPN", Trait.core | Trait.asks | Trait.last);
row(Verb.help, "HELP", Trait.core);
// RFC 4954 4.
row(Verb.auth, "AUTH", Trait.asks | Trait.decides | Trait.last | Trait.secret | Trait.opens_auth);
row(Verb.auth_response, "", Trait.asks | Trait.decides | Trait.last | Trait.secret | Trait.opens_auth);
// RFC 3207 4.
row(Verb.starttls, "STARTTLS", Trait.asks | Trait.decides | Trait.opens_tls);
row(Verb.bdat, "BDAT", Trait.payload);
row(Verb.etrn, "ETRN", Trait.asks | Trait.last);
row(Verb.atrn, "ATRN", Trait.asks | Trait.decides | Trait.last | Trait.reverses);
row(Verb.turn, "TURN", Trait.asks | Trait.decides | Trait.last | Trait.reverses);
row(Verb.lhlo, "LHLO", Trait.asks | Trait.last);
row(Verb.burl, "BURL", Trait.none);
// CVE-2003-0714: its payload comes after 354.
row(Verb.xexch50, "XEXCH50", Trait.asks | Trait.decides | Trait.opens_data | Trait.exchange);
row(Verb.x_link2state, "X-LINK2STATE", Trait.exchange);
row(
  Verb.x_exps,
  "X-EXPS",
  Trait.asks | Trait.decides | Trait.last | Trait.secret | Trait.opens_auth | Trait.exchange,
);
row(
  Verb.x_anonymoustls,
  "X-ANONYMOUSTLS",
  Trait.asks | Trait.decides | Trait.opens_tls | Trait.exchange_extended,
);
row(Verb.xshadow, "XSHADOW", Trait.exchange_extended);
row(Verb.xshadowrequest, "XSHADOWREQUEST", Trait.exchange_extended);
row(Verb.xqdiscard, "XQDISCARD", Trait.exchange_extended);
row(Verb.xsessionparams, "XSESSIONPARAMS", Trait.exchange_extended);
row(Verb.rcpt2, "RCPT2", Trait.exchange_extended);
row(Verb.xproxy, "XPROXY", Trait.none);
row(Verb.xproxyfrom, "XPROXYFROM", Trait.none);
row(Verb.xproxyto, "XPROXYTO", Trait.none);
row(Verb.xclient, "XCLIENT", Trait.asks | Trait.decides | Trait.restarts);
row(Verb.xforward, "XFORWARD", Trait.none);
