/**
 * Reads what a server receives by the letter of RFC 5321 (and 3030, 4954, 3207), and notes every departure from it.
 * It shares nothing with the filter. The replies, which move its mode, come from the one who owns it.
 */

/** What was read: a command line, an AUTH response, a message by DATA, or the payload of a BDAT. */
export interface Request {
  kind: "command" | "response" | "message" | "chunk";
  /** Upper case; "" for all that is no command. */
  verb: string;
  /** Without its line end. */
  line: string;
  last: boolean;
}

/** Departures; a policy that only detects some of them lets those through. */
export type Fault =
  | "bare newline in command"
  | "binary in command"
  | "no verb"
  | "private verb"
  | "tab"
  | "size of BDAT"
  | "no recipient domain"
  | "out of sequence"
  | "BDAT to a server without CHUNKING"
  | "chunks and DATA mixed"
  | "response"
  | "bare newline in data"
  | "NUL in data"
  | "second end of data"
  | "STARTTLS"
  | "not TLS";

/** Something like an end of data for one server or another, where there is none. */
const ALMOST_AN_END = /[\r\n]\0*\.\0*[\r\n]/;

export class StrictReader {
  readonly faults = new Map<Fault, string>();
  /** Messages that the server took on with 250. */
  accepted = 0;
  chunking = false;
  /** All that was read, without command lines `NOOP`, which the filter may put in or not. */
  record = "";
  #mode: "command" | "auth" | "data" | "tls" = "command";
  #rest = "";
  #payload = 0;
  #chunk: Request | null = null;
  #helo = false;
  /** MAIL came, whatever became of it: what was pipelined after a refused one is in order (RFC 2920 3.1). */
  #sent = false;
  /** MAIL was accepted. */
  #mail = false;
  #chunks = false;
  #utf8 = false;

  /** @param answer gives the reply to a request, null for none; a reply that opens a mode opens it here too */
  constructor(private readonly answer: (request: Request) => string | null) {}

  /** @returns the replies to what became whole by these bytes */
  receive(bytes: string): string {
    this.#rest += bytes;
    let replies = "";
    for (;;) {
      const request = this.#next();
      if (request === null) return replies;
      const reply = this.answer(request) ?? "";
      replies += reply;
      this.#take(request, Number(reply.slice(0, 3)));
    }
  }

  /** All bytes of a request that has not become whole. */
  get rest(): string {
    return this.#rest;
  }

  #next(): Request | null {
    if (this.#mode === "tls") {
      if (this.#rest !== "" && !this.#rest.startsWith("\x16\x03".slice(0, this.#rest.length)))
        this.#fault("not TLS");
      return null;
    }
    if (this.#chunk !== null) return this.#nextChunk(this.#chunk);
    if (this.#mode === "data") return this.#nextMessage();
    const lf = this.#rest.indexOf("\n");
    if (lf < 0) return null;
    const whole = this.#rest.slice(0, lf + 1);
    const line = whole.replace(/\r?\n$/, "");
    this.#rest = this.#rest.slice(lf + 1);
    if (whole !== "NOOP\r\n" || this.#mode === "auth") this.record += whole;
    if (!whole.endsWith("\r\n") || line.includes("\r")) this.#fault("bare newline in command", whole);
    return this.#mode === "auth" ? this.#readResponse(line) : this.#readCommand(line);
  }

  #nextChunk(chunk: Request): Request | null {
    if (this.#rest.length < this.#payload) return null;
    this.record += this.#rest.slice(0, this.#payload);
    this.#rest = this.#rest.slice(this.#payload);
    this.#chunk = null;
    return chunk;
  }

  #nextMessage(): Request | null {
    const end = `\r\n${this.#rest}`.indexOf("\r\n.\r\n");
    if (end < 0) return null;
    const content = this.#rest.slice(0, end);
    this.#checkContent(content);
    this.record += this.#rest.slice(0, end + 3);
    this.#rest = this.#rest.slice(end + 3);
    this.#mode = "command";
    return { kind: "message", verb: "", line: "", last: true };
  }

  #checkContent(content: string): void {
    if (/\r(?!\n)|(?<!\r)\n/.test(content)) this.#fault("bare newline in data", content);
    if (content.includes("\0")) this.#fault("NUL in data", content);
    if (ALMOST_AN_END.test(`\n${content}`)) this.#fault("second end of data", content);
  }

  #readResponse(line: string): Request {
    if (line !== "*" && !/^[A-Za-z0-9+/]*=*$/.test(line)) this.#fault("response", line);
    return { kind: "response", verb: "", line, last: false };
  }

  #readCommand(line: string): Request | null {
    const verb = /^[A-Za-z][A-Za-z0-9-]*(?=[ \t]|$)/.exec(line)?.[0].toUpperCase() ?? "";
    const request: Request = { kind: "command", verb, line, last: false };
    // An empty line is refused by all servers alike; policies may forbid it (`empty_line`), profiles do not.
    if (verb === "" && line !== "") this.#fault("no verb", line);
    // A lone X names no command (RFC 5321 4.1.5: X and a name).
    if (/^X./.test(verb)) this.#fault("private verb", line);
    if (/^\S+\t+[^ \t]/.test(line)) this.#fault("tab", line);
    this.#checkBytes(verb, line);
    this.#checkOrder(verb, line);
    if (verb === "RCPT" && !/@[^@>]*[A-Za-z0-9\]][^@>]*>|<postmaster>/i.test(line))
      this.#fault("no recipient domain", line);
    if (verb === "STARTTLS") this.#fault("STARTTLS", line);
    return verb === "BDAT" ? this.#readBdat(request) : request;
  }

  #checkBytes(verb: string, line: string): void {
    // eslint-disable-next-line no-control-regex
    if (/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(line)) this.#fault("binary in command", line);
    // RFC 6531 3.4: only where the transaction asked for it.
    else if (/[\x80-\xff]/.test(line) && !(verb === "RCPT" ? this.#utf8 : / SMTPUTF8( |$)/i.test(line))) {
      this.#fault("binary in command", line);
    }
  }

  #checkOrder(verb: string, line: string): void {
    const wrong =
      (verb === "MAIL" && (!this.#helo || this.#mail || this.#chunks)) ||
      (verb === "RCPT" && (!this.#sent || this.#chunks)) ||
      // Behind refused recipients both are in order (RFC 5321 4.1.4).
      (verb === "DATA" && !this.#sent && !this.#chunks) ||
      (verb === "BDAT" && !this.#sent) ||
      (verb === "AUTH" && (this.#mail || this.#chunks));
    if (wrong) this.#fault("out of sequence", line);
    if (verb === "DATA" && this.#chunks) this.#fault("chunks and DATA mixed", line);
  }

  #readBdat(request: Request): Request | null {
    const match = /^BDAT (\d{1,19})( LAST)?$/i.exec(request.line);
    if (!this.chunking) this.#fault("BDAT to a server without CHUNKING", request.line);
    // Over 31 bits servers count differently: Exim 4.96 modulo 2^32.
    if (match === null || Number(match[1]) > 0x7fffffff) {
      this.#fault("size of BDAT", request.line);
      if (match === null) return request;
    }
    this.#payload = Number(match[1]);
    this.#chunk = { ...request, kind: "chunk", last: match[2] !== undefined };
    return this.#nextChunk(this.#chunk);
  }

  #take(request: Request, code: number): void {
    const positive = code >= 200 && code < 300;
    if (request.kind === "message" || (request.kind === "chunk" && request.last)) {
      if (code === 250) this.accepted++;
      this.#endTransaction();
      return;
    }
    if (request.kind === "response") {
      if (code !== 334) this.#mode = "command";
      return;
    }
    if (request.kind === "chunk") {
      if (positive) this.#chunks = true;
      return;
    }
    switch (request.verb) {
      case "EHLO":
      case "HELO":
        if (!positive) return;
        this.#helo = true;
        this.#endTransaction();
        return;
      case "RSET":
        this.#endTransaction();
        return;
      case "MAIL":
        this.#sent = true;
        if (positive) this.#mail = true;
        this.#utf8 = / SMTPUTF8( |$)/i.test(request.line);
        return;
      case "DATA":
        if (code === 354) this.#mode = "data";
        return;
      case "AUTH":
        if (code === 334) this.#mode = "auth";
        return;
      case "STARTTLS":
        if (code === 220) this.#mode = "tls";
    }
  }

  #endTransaction(): void {
    this.#sent = this.#mail = this.#chunks = this.#utf8 = false;
  }

  #fault(fault: Fault, where = this.#rest): void {
    if (!this.faults.has(fault)) this.faults.set(fault, where.slice(0, 200));
  }
}
