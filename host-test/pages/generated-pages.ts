/** What the pages say. Generated from host-test/vectors/*.md by npm run docs; do not edit. */
import type { Page } from "./page.js";

/** One for each protection, in the order of `Protection`. */
export const PAGES: readonly Page[] = [
  {
    "id": "bad_server_greeting",
    "summary": "The server opens with a well-formed reply that is not 220: no SMTP service, or a refusal.",
    "family": "greeting",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "terminate"
    ],
    "reply": "554 5.3.2",
    "sources": "Check Point SBP-2010-06 \"Bad SMTP Server Greeting\"; RFC 5321 3.1, 4.2, 4.3.2; RFC 7504; Suricata smtp.invalid_reply",
    "reasons": [
      {
        "id": "foreign",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "any other code: what answers on that port is not a mail server"
      },
      {
        "id": "refused",
        "modes": {
          "monitor": "detect",
          "recommended": "detect",
          "strict": "detect",
          "submission": "detect"
        },
        "meaning": "any 4xx or 5xx: the server refuses mail from this client, which must read so in the server's own words"
      }
    ],
    "options": []
  },
  {
    "id": "client_talks_first",
    "summary": "The client sends before the server's greeting is complete.",
    "family": "greeting",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "RFC 5321 3.1, 4.3.1; Postfix postscreen pregreet; Exim smtp_enforce_sync and PIPECONNECT; Suricata smtp.no_server_welcome_message",
    "reasons": [
      {
        "id": "early_bytes",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "client bytes came before the last line of the greeting"
      }
    ],
    "options": []
  },
  {
    "id": "malformed_server_greeting",
    "summary": "The server opens with something that is not an SMTP reply at all.",
    "family": "greeting",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "terminate"
    ],
    "reply": "554 5.3.2",
    "sources": "Check Point SBP-2010-06; RFC 5321 4.2, 4.2.1; Zeek dpd.sig (`^\\s*220[\\s-]`); Clavister invalid_server_response",
    "reasons": [
      {
        "id": "no_reply",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the first line is not a reply line"
      },
      {
        "id": "mixed_codes",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a later line of the greeting has another code, or none"
      },
      {
        "id": "nul",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the greeting holds a NUL"
      },
      {
        "id": "too_long",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the greeting is longer than `limits.reply_bytes` (65536 by default)"
      }
    ],
    "options": []
  },
  {
    "id": "bare_newline_in_command",
    "summary": "A command line ends without CR, or holds a CR that ends nothing.",
    "family": "commands",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "501 5.5.2",
    "sources": "RFC 5321 2.3.8; Postfix postscreen_bare_newline_enable; Snort 3 124:18; Zeek \"more than one <CR> at end of line\"",
    "reasons": [
      {
        "id": "lf",
        "modes": {
          "monitor": "detect",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "the line ends with LF but without CR"
      },
      {
        "id": "cr",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the line holds a CR that no LF follows; CRCRLF is one too"
      }
    ],
    "options": []
  },
  {
    "id": "binary_data_in_command",
    "summary": "A command line holds NUL, control or 8-bit bytes where SMTP allows none.",
    "family": "commands",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "501 5.5.2",
    "sources": "Check Point SBP-2010-06 \"Binary Data in SMTP Commands\"; RFC 5321 2.4, 4.1.2; RFC 6531 3.1, 3.3, 3.4; RFC 3629; Zeek NUL_in_line; Exim BADCHAR",
    "reasons": [
      {
        "id": "nul",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a NUL, whatever else is in the line; in prevent it always ends the session"
      },
      {
        "id": "control",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "another control character"
      },
      {
        "id": "8bit",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a byte above 7F that was not negotiated"
      }
    ],
    "options": []
  },
  {
    "id": "command_line_too_long",
    "summary": "A command line is longer than its verb can need.",
    "family": "commands",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "500 5.5.2",
    "sources": "RFC 5321 4.5.3.1.4; RFC 1870, 3461, 4954, 6152, 6531 for what their parameters add; Snort 3 124:1, 124:4, 124:15; Cisco ASA cmd line length",
    "reasons": [
      {
        "id": "too_long",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the line is over the length for its verb"
      },
      {
        "id": "endless",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "no line end within `limits.command_line_bytes`; in prevent it always ends the session"
      }
    ],
    "options": []
  },
  {
    "id": "exchange_command",
    "summary": "A verb that only two Microsoft Exchange servers have use for: XEXCH50, X-LINK2STATE, X-EXPS and kin.",
    "family": "commands",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "502 5.5.1",
    "sources": "Check Point SBP-2010-06 \"Microsoft Exchange Server Commands\"; CVE-2003-0714; CVE-2005-0560; Snort 3 smtp_xlink2state.cc; Stormshield SNS",
    "reasons": [
      {
        "id": "exchange_verb",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "an Exchange verb that the policy does not allow"
      },
      {
        "id": "payload_may_follow",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "bytes came after a refused XEXCH50 before the client could know of the refusal; they may be its payload"
      }
    ],
    "options": [
      {
        "key": "allow",
        "least": 0,
        "most": 0,
        "meaning": "Exchange verbs to let through.",
        "type": "verbs",
        "initial": []
      },
      {
        "key": "extended",
        "least": 0,
        "most": 0,
        "meaning": "Also the verbs of later Exchange servers, beyond those that Check Point names.",
        "type": "flag",
        "initial": true
      }
    ]
  },
  {
    "id": "forbidden_command",
    "summary": "A verb that the policy's own `commands` does not let through.",
    "family": "commands",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "502 5.5.1",
    "sources": "Cisco ASA inspect esmtp (match cmd verb); Cisco IOS ip inspect smtp; RFC 5321 4.5.1, 7.3",
    "reasons": [
      {
        "id": "denied",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the verb is in `commands.deny`"
      },
      {
        "id": "not_allowed",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the verb is not in `commands.allow`"
      }
    ],
    "options": []
  },
  {
    "id": "forbidden_extension",
    "summary": "An extension that the policy's own `ehlo_keywords` does not let through.",
    "family": "commands",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "strip",
      "terminate"
    ],
    "reply": "502 5.5.1",
    "sources": "Cisco ASA inspect esmtp (match ehlo-reply-parameter, mask); Clavister unsupported_extension strip; Postfix smtpd_discard_ehlo_keywords; RFC 5321 2.2.2, 4.1.1.1",
    "reasons": [
      {
        "id": "verb",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the verb of a forbidden extension"
      },
      {
        "id": "parameter",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a parameter of a forbidden extension"
      },
      {
        "id": "pipelining",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a command after an unanswered one, where PIPELINING is forbidden"
      }
    ],
    "options": []
  },
  {
    "id": "lax_command_syntax",
    "summary": "A spelling of a command that some servers accept and others do not.",
    "family": "commands",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "501 5.5.4",
    "sources": "RFC 5321 3.3, 4.1.1; Postfix smtpd's lexer; Snort 3 smtp_paf.cc",
    "reasons": [
      {
        "id": "leading_blank",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "SP or HT before the verb: Postfix skips them, Exim does not"
      },
      {
        "id": "argument",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "text after DATA or STARTTLS"
      },
      {
        "id": "idle_argument",
        "modes": {
          "monitor": "off",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "text after RSET or QUIT"
      },
      {
        "id": "tab",
        "modes": {
          "monitor": "detect",
          "recommended": "detect",
          "strict": "prevent",
          "submission": "detect"
        },
        "meaning": "HT between verb and argument"
      },
      {
        "id": "inner_bracket",
        "modes": {
          "monitor": "detect",
          "recommended": "detect",
          "strict": "prevent",
          "submission": "detect"
        },
        "meaning": "a `<` inside the path of MAIL or RCPT, as in `<a@b<c@d>>`: to Postfix `a@b` is a phrase and `c@d` the mailbox, others refuse it"
      },
      {
        "id": "multiple_blanks",
        "modes": {
          "monitor": "off",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "more than one blank after the verb"
      },
      {
        "id": "colon_blank",
        "modes": {
          "monitor": "off",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "a blank after the colon, as in `FROM: <`"
      },
      {
        "id": "no_brackets",
        "modes": {
          "monitor": "off",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "a path without angle brackets, as in `MAIL FROM:a@b`"
      },
      {
        "id": "path",
        "modes": {
          "monitor": "detect",
          "recommended": "detect",
          "strict": "prevent",
          "submission": "detect"
        },
        "meaning": "a path that RFC 5321 4.1.2 does not know, with comments, groups, blanks, escapes, or blanks and dots beyond ASCII, as in `<a:b@x.org>`: servers take different mailboxes out of it"
      },
      {
        "id": "trailing_blank",
        "modes": {
          "monitor": "off",
          "recommended": "off",
          "strict": "off",
          "submission": "off"
        },
        "meaning": "a blank before the line end; RFC 5321 4.1.1 asks servers to tolerate it"
      }
    ],
    "options": []
  },
  {
    "id": "legacy_command",
    "summary": "A verb of early mail programs that no mail needs today: DEBUG, WIZ, SEND, VERB and their kin.",
    "family": "commands",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "502 5.5.1",
    "sources": "Snort 3 smtp.cc (known commands); Cisco ASA inspect esmtp; sendmail srvrsmtp.c; CERT CA-1988-01 and CA-1993-14; RFC 821 3.4; RFC 5321 F.6",
    "reasons": [
      {
        "id": "debug",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "DEBUG, WIZ, KILL or SHOWQ"
      },
      {
        "id": "terminal",
        "modes": {
          "monitor": "prevent",
          "recommended": "detect",
          "strict": "prevent",
          "submission": "detect"
        },
        "meaning": "SEND, SOML or SAML"
      },
      {
        "id": "verbose",
        "modes": {
          "monitor": "prevent",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "VERB or ONEX"
      },
      {
        "id": "obsolete",
        "modes": {
          "monitor": "prevent",
          "recommended": "detect",
          "strict": "prevent",
          "submission": "detect"
        },
        "meaning": "EMAL, ESAM, ESND, ESOM, EVFY, IDENT, QUEU, TICK, TIME or TURNME"
      }
    ],
    "options": []
  },
  {
    "id": "mixed_line_endings",
    "summary": "One side ends some of its lines with LF alone and others with CRLF.",
    "family": "commands",
    "modes": {
      "monitor": "detect",
      "recommended": "detect",
      "strict": "prevent",
      "submission": "detect"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "RFC 5321 2.3.8; Snort 3 124:18",
    "reasons": [
      {
        "id": "client",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the client mixes its line ends"
      },
      {
        "id": "server",
        "modes": {
          "monitor": "prevent",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "the server mixes its line ends"
      }
    ],
    "options": []
  },
  {
    "id": "non_compliant_smtp",
    "summary": "The session cannot be parsed as SMTP, so it cannot be inspected.",
    "family": "commands",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "terminate",
      "reject"
    ],
    "reply": "500 5.5.2",
    "sources": "Check Point SBP-2010-06 \"Non Compliant SMTP\"; RFC 5321 4.1.1, 4.1.4; RFC 2645 and RFC 821 (ATRN, TURN); Postfix smtpd_forbidden_commands (`/^[^A-Z]/`); Stormshield SNS",
    "reasons": [
      {
        "id": "verb",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the line does not begin with a verb"
      },
      {
        "id": "empty",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the line is only its end; off unless the option `empty_line` is set"
      },
      {
        "id": "xexch50_size",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "XEXCH50 without a size that can be counted"
      },
      {
        "id": "role_reversal",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the server accepts TURN or ATRN, so that server and client change places"
      },
      {
        "id": "half_closed",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the client ends its stream while bytes wait for a reply that decides what they are"
      }
    ],
    "options": [
      {
        "key": "empty_line",
        "least": 0,
        "most": 0,
        "meaning": "Also report a line that is only CRLF.",
        "type": "flag",
        "initial": false
      }
    ]
  },
  {
    "id": "non_smtp_command",
    "summary": "Another protocol is spoken: an HTTP request, a header line, SSH, Redis.",
    "family": "commands",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "Postfix smtpd_forbidden_commands, postscreen_non_smtp_command; Zeek http/connect-with-smtp",
    "reasons": [
      {
        "id": "http_method",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the verb is an HTTP method"
      },
      {
        "id": "header_line",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the first token ends in a colon, as in `Host:` or `Subject:`"
      },
      {
        "id": "ssh_banner",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the line starts with `SSH-`"
      },
      {
        "id": "redis_array",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the first token is `*` and digits"
      }
    ],
    "options": []
  },
  {
    "id": "private_command",
    "summary": "A verb that starts with X: private to two parties who agreed on it.",
    "family": "commands",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "502 5.5.1",
    "sources": "Check Point SBP-2010-06 \"SMTP Private Commands\"; RFC 5321 4.1.5; Cisco ASA inspect esmtp; Sun Internet Mail Server (XADR, XCIR, XGEN, XSTA)",
    "reasons": [
      {
        "id": "private_verb",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a private verb that the policy does not allow"
      },
      {
        "id": "announced",
        "modes": {
          "monitor": "prevent",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "`XUSR`, where the last accepted EHLO reply offers it"
      }
    ],
    "options": [
      {
        "key": "allow",
        "least": 0,
        "most": 0,
        "meaning": "Private verbs to let through.",
        "type": "verbs",
        "initial": []
      }
    ]
  },
  {
    "id": "queue_turn_command",
    "summary": "ETRN, ATRN or TURN: the client asks the server to send what waits for some domain.",
    "family": "commands",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "502 5.5.1",
    "sources": "Stormshield SNS; Cisco ASA inspect esmtp; Zeek SMTP.cc (TURN); RFC 821 3.8; RFC 1985; RFC 2645; RFC 5321 F.1",
    "reasons": [
      {
        "id": "etrn",
        "modes": {
          "monitor": "prevent",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "ETRN"
      },
      {
        "id": "role_reversal",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "ATRN or TURN, after which the server is the client"
      }
    ],
    "options": []
  },
  {
    "id": "recon_command",
    "summary": "VRFY or EXPN: the client asks which addresses exist, without sending mail.",
    "family": "commands",
    "modes": {
      "monitor": "detect",
      "recommended": "detect",
      "strict": "prevent",
      "submission": "detect"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "252 2.5.0",
    "sources": "RFC 5321 3.5, 7.3; Cisco ASA inspect esmtp; Snort 3 smtp; Nmap smtp-enum-users",
    "reasons": [
      {
        "id": "vrfy",
        "modes": {
          "monitor": "prevent",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "VRFY"
      },
      {
        "id": "expn",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "EXPN"
      }
    ],
    "options": []
  },
  {
    "id": "trust_command",
    "summary": "The client says that it speaks for somebody else: XCLIENT, XFORWARD, XPROXY, XPROXYFROM or XPROXYTO.",
    "family": "commands",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "550 5.7.0",
    "sources": "Postfix XCLIENT_README and XFORWARD_README; Check Point SBP-2010-06 \"SMTP Private Commands\"; Exchange receive connectors (XPROXY)",
    "reasons": [
      {
        "id": "announced",
        "modes": {
          "monitor": "prevent",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "the last accepted EHLO reply offers the verb"
      },
      {
        "id": "unannounced",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "it does not"
      }
    ],
    "options": [
      {
        "key": "allow",
        "least": 0,
        "most": 0,
        "meaning": "Verbs to let through.",
        "type": "verbs",
        "initial": []
      }
    ]
  },
  {
    "id": "unannounced_extension",
    "summary": "The client uses an extension that the server's EHLO reply did not offer.",
    "family": "commands",
    "modes": {
      "monitor": "detect",
      "recommended": "detect",
      "strict": "prevent",
      "submission": "detect"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "504 5.5.4",
    "sources": "RFC 5321 4.1.1.1; Clavister unsupported_extension",
    "reasons": [
      {
        "id": "verb",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the verb of an extension that was not offered"
      },
      {
        "id": "parameter",
        "modes": {
          "monitor": "prevent",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "a parameter of MAIL or RCPT whose keyword was not offered"
      }
    ],
    "options": []
  },
  {
    "id": "unknown_command",
    "summary": "A verb that no RFC knows and that the server did not announce.",
    "family": "commands",
    "modes": {
      "monitor": "detect",
      "recommended": "detect",
      "strict": "prevent",
      "submission": "detect"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "502 5.5.1",
    "sources": "Snort 3 124:5; Zeek smtp_unexpected (unknown command); Stormshield SNS; Exim smtp_max_unknown_commands; RFC 5321 4.1.1, 4.2.4",
    "reasons": [
      {
        "id": "unknown_verb",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a well-formed verb that is not known"
      }
    ],
    "options": []
  },
  {
    "id": "xlink2state_overflow",
    "summary": "A chunk of X-LINK2STATE that overflows the buffer of Exchange 2000 and 2003.",
    "family": "commands",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "terminate",
      "reject"
    ],
    "reply": "502 5.5.1",
    "sources": "CVE-2005-0560 (MS05-021); Snort 3 124:8, smtp_xlink2state.cc",
    "reasons": [
      {
        "id": "no_first",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a chunk in a session that had no `FIRST`"
      },
      {
        "id": "announced",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "`CHUNK={…}` announces more than 520 octets, or has more than eight digits"
      },
      {
        "id": "sent",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "more than 520 octets stand after `CHUNK=`"
      }
    ],
    "options": []
  },
  {
    "id": "address_metacharacters",
    "summary": "An address that a shell, or a server that expands strings, would run as a command.",
    "family": "arguments",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "550 5.7.1",
    "sources": "CVE-2019-10149 (Exim, `${run{`); CVE-2020-7247 (OpenSMTPD, `;`); CVE-2016-10033 (PHPMailer, sendmail -X); Cisco ASA (`\\",
    "reasons": [
      {
        "id": "expansion",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "`${`, which Exim expands; in the domain, too"
      },
      {
        "id": "leading_pipe",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the local part begins with a pipe: Postfix, Exim and sendmail deliver such a one to a program where they are allowed to"
      },
      {
        "id": "substitution",
        "modes": {
          "monitor": "detect",
          "recommended": "detect",
          "strict": "prevent",
          "submission": "detect"
        },
        "meaning": "`$(`, or two back quotes"
      },
      {
        "id": "separator",
        "modes": {
          "monitor": "detect",
          "recommended": "detect",
          "strict": "prevent",
          "submission": "detect"
        },
        "meaning": "`;`"
      },
      {
        "id": "inner_pipe",
        "modes": {
          "monitor": "detect",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "a pipe after the first letter"
      },
      {
        "id": "leading_slash",
        "modes": {
          "monitor": "detect",
          "recommended": "detect",
          "strict": "prevent",
          "submission": "detect"
        },
        "meaning": "the local part begins with `/`, as the name of a file does, and no attribute of X.400 follows"
      },
      {
        "id": "leading_dash",
        "modes": {
          "monitor": "detect",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "the local part begins with `-`, as an option of a program does"
      }
    ],
    "options": []
  },
  {
    "id": "bad_esmtp_parameter",
    "summary": "A parameter of MAIL or RCPT that is not what the RFC of its keyword says, or that is there twice.",
    "family": "arguments",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "501 5.5.4",
    "sources": "RFC 5321 4.1.1.11, 4.1.2; RFC 1870 4; RFC 6152 2; RFC 3030 3; RFC 3461 4; RFC 4954 5; RFC 6531 3.4; RFC 2852 4; RFC 4865 4.1; RFC 6710 5; RFC 8689 4; RFC 7293 3.1",
    "reasons": [
      {
        "id": "duplicate",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a known keyword twice, or HOLDFOR with HOLDUNTIL: servers take the first or the last"
      },
      {
        "id": "syntax",
        "modes": {
          "monitor": "detect",
          "recommended": "detect",
          "strict": "prevent",
          "submission": "detect"
        },
        "meaning": "neither `keyword` nor `keyword=value`: a keyword is letters, digits and `-`, and a value has no `=`"
      },
      {
        "id": "value",
        "modes": {
          "monitor": "detect",
          "recommended": "detect",
          "strict": "prevent",
          "submission": "detect"
        },
        "meaning": "a value that the keyword does not take, or none where it needs one, or one where it takes none"
      },
      {
        "id": "not_xtext",
        "modes": {
          "monitor": "detect",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "ENVID, ORCPT or AUTH whose value is not encoded as xtext: a `=`, or a `+` without two digits after it"
      },
      {
        "id": "misplaced",
        "modes": {
          "monitor": "detect",
          "recommended": "detect",
          "strict": "prevent",
          "submission": "detect"
        },
        "meaning": "NOTIFY, ORCPT or RRVS in MAIL, or one of MAIL's in RCPT"
      }
    ],
    "options": []
  },
  {
    "id": "bad_helo_argument",
    "summary": "The name in HELO, EHLO or LHLO is missing, too long, or has characters that no host name has.",
    "family": "arguments",
    "modes": {
      "monitor": "detect",
      "recommended": "detect",
      "strict": "prevent",
      "submission": "detect"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "501 5.5.4",
    "sources": "RFC 5321 4.1.1.1, 4.1.3, 4.5.3.1.2; Exim helo_allow_chars; Postfix reject_invalid_helo_hostname; WatchGuard SMTP-ALG; Suricata smtp-long-command",
    "reasons": [
      {
        "id": "empty",
        "modes": {
          "monitor": "prevent",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "no name"
      },
      {
        "id": "long",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a name of more than 255 octets"
      },
      {
        "id": "characters",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a printable character other than letters, digits and `.-_:[]`"
      },
      {
        "id": "8bit",
        "modes": {
          "monitor": "prevent",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "an octet above 7F"
      }
    ],
    "options": []
  },
  {
    "id": "bad_path_syntax",
    "summary": "MAIL without `FROM:`, RCPT without `TO:`, or something after it that is no path.",
    "family": "arguments",
    "modes": {
      "monitor": "detect",
      "recommended": "detect",
      "strict": "prevent",
      "submission": "detect"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "501 5.5.2",
    "sources": "RFC 5321 3.3, 4.1.2; Cisco ASA (`<` and `>` only round an address); Juniper IDP SMTP:REQERR:REQ-SYNTAX-ERROR",
    "reasons": [
      {
        "id": "keyword",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "no `FROM:` after MAIL, no `TO:` after RCPT"
      },
      {
        "id": "unclosed",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a `<` or a quoted string has no end"
      },
      {
        "id": "stray_bracket",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a `>` without a `<`"
      },
      {
        "id": "glued",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "text right after the `>`, as in `<a@b>SIZE=1`"
      },
      {
        "id": "blank",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a blank inside the brackets that is not quoted, as in `<a b@x.org>`"
      },
      {
        "id": "display_name",
        "modes": {
          "monitor": "detect",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "a name before the path, as in `FROM:Joe <a@b>`"
      }
    ],
    "options": []
  },
  {
    "id": "path_too_long",
    "summary": "A local part, a domain or a path that is longer than any server has to take.",
    "family": "arguments",
    "modes": {
      "monitor": "detect",
      "recommended": "detect",
      "strict": "prevent",
      "submission": "detect"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "501 5.5.4",
    "sources": "RFC 5321 4.5.3.1.1 to 4.5.3.1.3; Cisco ASA sender-address 320; Juniper ScreenOS user 256, domain 64; Zeek smtp_max_path_length_exceeded",
    "reasons": [
      {
        "id": "local_part",
        "modes": {
          "monitor": "prevent",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "more octets than `local_part` before the `@`"
      },
      {
        "id": "domain",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "more octets than `domain` after it"
      },
      {
        "id": "path",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "more octets than `path`, source route and brackets included"
      }
    ],
    "options": [
      {
        "key": "local_part",
        "least": 64,
        "most": 1000,
        "meaning": "Octets before the `@`, quotes included; 64 is RFC 5321's figure.",
        "type": "integer",
        "initial": 128
      },
      {
        "key": "domain",
        "least": 64,
        "most": 1000,
        "meaning": "Octets after the `@`, brackets of an address literal included.",
        "type": "integer",
        "initial": 255
      },
      {
        "key": "path",
        "least": 128,
        "most": 1200,
        "meaning": "Octets from `<` to `>`, both and a source route included.",
        "type": "integer",
        "initial": 256
      }
    ]
  },
  {
    "id": "recipient_no_domain",
    "summary": "RCPT names a recipient without a domain, whatever spelling hides that.",
    "family": "arguments",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "550 5.7.1",
    "sources": "Check Point SBP-2010-06 \"SMTP Recipients with No Domain Name\"; RFC 5321 2.3.5, 4.1.1.3, 4.1.2, appendix C; Postfix reject_non_fqdn_recipient",
    "reasons": [
      {
        "id": "no_domain",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "the recipient has no domain"
      },
      {
        "id": "no_mailbox",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "`RCPT TO:<>`: the null path, which only MAIL may have"
      },
      {
        "id": "ambiguous",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "servers do not agree whether the recipient has a domain, as in `<a@x.org:root;>`: Postfix delivers to root"
      },
      {
        "id": "not_qualified",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the domain has no dot; only with `require_fqdn`"
      }
    ],
    "options": [
      {
        "key": "require_fqdn",
        "least": 0,
        "most": 0,
        "meaning": "Also report a domain without a dot, which is no fully qualified name (RFC 5321 2.3.5).",
        "type": "flag",
        "initial": false
      }
    ]
  },
  {
    "id": "routed_address",
    "summary": "A path that asks the server to send the mail on by way of others.",
    "family": "arguments",
    "modes": {
      "monitor": "detect",
      "recommended": "detect",
      "strict": "prevent",
      "submission": "detect"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "550 5.7.1",
    "sources": "RFC 5321 3.6.1, 4.1.2, appendix C; RFC 1123 5.2.16; Postfix allow_percent_hack, swap_bangpath, resolve_dequoted_address",
    "reasons": [
      {
        "id": "source_route",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a source route, `@a,@b:user@c`"
      },
      {
        "id": "percent",
        "modes": {
          "monitor": "detect",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "`%` in the local part of a recipient with a domain: `user%y@x` is user@y by way of x"
      },
      {
        "id": "bang",
        "modes": {
          "monitor": "detect",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "`!` in it: `y!user@x` is the same in UUCP's spelling"
      },
      {
        "id": "quoted_at",
        "modes": {
          "monitor": "detect",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "`@` in it, quoted: `\"user@y\"@x`, the same again to servers that look into quotes"
      }
    ],
    "options": []
  },
  {
    "id": "auth_exchange_violation",
    "summary": "A line inside an AUTH exchange is not a response, or the exchange does not end.",
    "family": "session",
    "modes": {
      "monitor": "detect",
      "recommended": "detect",
      "strict": "prevent",
      "submission": "detect"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "RFC 4954 4; Snort 3 124:14, 124:15",
    "reasons": [
      {
        "id": "not_base64",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a line after a 334 that is neither base64, nor `*`, nor empty"
      },
      {
        "id": "rounds",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "more than 16 responses in one exchange"
      },
      {
        "id": "mechanism_switch",
        "modes": {
          "monitor": "prevent",
          "recommended": "off",
          "strict": "detect",
          "submission": "off"
        },
        "meaning": "AUTH with another mechanism after an exchange that was cancelled with `*`, as in an attack on Cyrus SASL"
      }
    ],
    "options": []
  },
  {
    "id": "command_out_of_sequence",
    "summary": "A command comes where the session has no place for it.",
    "family": "session",
    "modes": {
      "monitor": "detect",
      "recommended": "detect",
      "strict": "prevent",
      "submission": "detect"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "503 5.5.1",
    "sources": "RFC 5321 4.1.4; Zeek smtp_mail_transaction_invalid; Suricata smtp.duplicate_fields",
    "reasons": [
      {
        "id": "no_helo",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "MAIL before HELO or EHLO"
      },
      {
        "id": "no_mail",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "RCPT without MAIL"
      },
      {
        "id": "no_rcpt",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "DATA or BDAT with no RCPT sent in this transaction"
      },
      {
        "id": "nested_mail",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "MAIL inside a transaction"
      },
      {
        "id": "in_transaction",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "AUTH or STARTTLS inside a transaction"
      },
      {
        "id": "second_auth",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "AUTH after an accepted one"
      },
      {
        "id": "between_chunks",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "MAIL, RCPT, AUTH or STARTTLS between BDAT chunks"
      },
      {
        "id": "unauthenticated",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "MAIL before an accepted AUTH, where `require_auth` is true"
      }
    ],
    "options": [
      {
        "key": "require_auth",
        "least": 0,
        "most": 0,
        "meaning": "Also MAIL of a client that has not authenticated.",
        "type": "flag",
        "initial": false
      }
    ]
  },
  {
    "id": "improper_pipelining",
    "summary": "The client does not wait for the reply to a command after which it must wait.",
    "family": "session",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "terminate"
    ],
    "reply": "554 5.5.0",
    "sources": "RFC 2920 3.1; Postfix smtpd_forbid_unauth_pipelining; Exim smtp_enforce_sync",
    "reasons": [
      {
        "id": "last",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "bytes came after a command that must be the last of its group"
      },
      {
        "id": "last_tolerated",
        "modes": {
          "monitor": "prevent",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "the same after AUTH, an AUTH response or QUIT, where servers do not mind"
      },
      {
        "id": "unannounced",
        "modes": {
          "monitor": "prevent",
          "recommended": "detect",
          "strict": "prevent",
          "submission": "detect"
        },
        "meaning": "a command came after an unanswered one, although the server did not offer PIPELINING"
      }
    ],
    "options": []
  },
  {
    "id": "too_many_pending",
    "summary": "More commands or bytes wait for the server's replies than a session can need.",
    "family": "session",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "Zeek smtp_excessive_pending_cmds, SMTP.cc; RFC 2920 3.1; Postfix smtpd_recipient_limit",
    "reasons": [
      {
        "id": "commands",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a command is sent while `limits.pending_commands` others have no reply yet"
      },
      {
        "id": "bytes",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "more client bytes are held for a reply than `limits.held_bytes`"
      },
      {
        "id": "memory",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the session asks for more memory than `limits.memory_bytes` leaves it"
      }
    ],
    "options": []
  },
  {
    "id": "malformed_reply",
    "summary": "The server sends a line that is not a valid reply.",
    "family": "replies",
    "modes": {
      "monitor": "detect",
      "recommended": "detect",
      "strict": "prevent",
      "submission": "detect"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "RFC 5321 4.2; Suricata smtp.invalid_reply; Zeek smtp_unexpected (reply out of range)",
    "reasons": [
      {
        "id": "no_code",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the line has no reply code"
      },
      {
        "id": "control",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the text holds a NUL"
      }
    ],
    "options": []
  },
  {
    "id": "reply_code_mismatch",
    "summary": "The lines of one reply carry different codes.",
    "family": "replies",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "RFC 5321 4.2.1; Zeek smtp_unexpected \"reply code does not match the continuing reply\"",
    "reasons": [
      {
        "id": "text",
        "modes": {
          "monitor": "detect",
          "recommended": "detect",
          "strict": "prevent",
          "submission": "detect"
        },
        "meaning": "none of the codes opens data, AUTH or TLS"
      },
      {
        "id": "mode",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "one of the codes is 220 or 3xx, which opens data, AUTH or TLS"
      }
    ],
    "options": []
  },
  {
    "id": "reply_too_long",
    "summary": "A reply is longer than a client can be expected to take.",
    "family": "replies",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "RFC 5321 4.5.3.1.5; Snort 3 124:3",
    "reasons": [
      {
        "id": "line",
        "modes": {
          "monitor": "detect",
          "recommended": "off",
          "strict": "detect",
          "submission": "off"
        },
        "meaning": "a line of more than 512 bytes; real servers send policy texts and lists of 5 KB"
      },
      {
        "id": "endless",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a line of more than 8192 bytes, more than 128 lines, or more than `limits.reply_bytes`"
      }
    ],
    "options": []
  },
  {
    "id": "unexpected_reply_code",
    "summary": "A reply opens a mode that its command cannot open.",
    "family": "replies",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "RFC 5321 4.3.2; CVE-2000-1022; Suricata bug 6906; Zeek SMTP.cc state tables",
    "reasons": [
      {
        "id": "mode",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the code opens a mode that the command cannot open, or leaves one that it must open"
      },
      {
        "id": "table",
        "modes": {
          "monitor": "off",
          "recommended": "off",
          "strict": "off",
          "submission": "off"
        },
        "meaning": "a code that RFC 5321 4.3.2 does not list for the verb; off, since new codes are legal"
      }
    ],
    "options": []
  },
  {
    "id": "unsolicited_reply",
    "summary": "The server sends a reply although no command waits for one.",
    "family": "replies",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "RFC 5321 3.8, 4.2; Zeek \"unexpected reply\"; Clavister",
    "reasons": [
      {
        "id": "notice",
        "modes": {
          "monitor": "detect",
          "recommended": "off",
          "strict": "detect",
          "submission": "off"
        },
        "meaning": "4xx or 5xx, as Exchange sends on a timeout"
      },
      {
        "id": "injected",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "2xx or 3xx"
      }
    ],
    "options": []
  },
  {
    "id": "bare_newline_in_data",
    "summary": "The data holds LF without CR, or CR without LF.",
    "family": "data",
    "modes": {
      "monitor": "detect",
      "recommended": "off",
      "strict": "prevent",
      "submission": "off"
    },
    "actions": [
      "normalize",
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "RFC 5321 2.3.8, 4.5.2; Postfix smtpd_forbid_bare_newline, cleanup_replace_stray_cr_lf; Exchange Online 550 5.6.11 (secondary source)",
    "reasons": [
      {
        "id": "lf",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a LF with no CR before it"
      },
      {
        "id": "cr",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a CR with no LF after it"
      }
    ],
    "options": []
  },
  {
    "id": "bdat_malformed",
    "summary": "BDAT whose size cannot be read: what follows is payload of unknown length.",
    "family": "data",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "RFC 3030 2; Suricata smtp.invalid_bdat and its bdat tests; Zeek smtp_invalid_bdat_command; Postfix smtpd 521; Exim 4.96 (`src/smtp_in.c` reads the size with `%u`), seen with real servers: SECURITY.md",
    "reasons": [
      {
        "id": "size",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the line is not `BDAT SP 1*20DIGIT [SP LAST]`, or the size is over 2^63-1"
      },
      {
        "id": "over_31_bits",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the size is over 2^31-1, which Exim 4.96 takes modulo 2^32"
      }
    ],
    "options": []
  },
  {
    "id": "bdat_sequence",
    "summary": "BDAT and DATA in an order that servers read differently.",
    "family": "data",
    "modes": {
      "monitor": "detect",
      "recommended": "detect",
      "strict": "prevent",
      "submission": "detect"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "RFC 3030 2, 3; Zeek smtp_missing_bdat_last_chunk; Postfix smtpd 503",
    "reasons": [
      {
        "id": "after_last",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "BDAT after BDAT LAST in the same transaction"
      },
      {
        "id": "data",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "DATA after BDAT"
      },
      {
        "id": "binarymime",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "DATA for a message announced as BODY=BINARYMIME"
      }
    ],
    "options": []
  },
  {
    "id": "bdat_unannounced",
    "summary": "BDAT to a server that did not offer CHUNKING: it reads the payload as commands.",
    "family": "data",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "RFC 3030 2; RFC 5321 4.1.1.1; Cisco ASA, which lets no CHUNKING through",
    "reasons": [
      {
        "id": "no_chunking",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "BDAT without CHUNKING in the last accepted EHLO reply"
      }
    ],
    "options": []
  },
  {
    "id": "data_before_reply",
    "summary": "The client sends on after DATA before the server has answered it.",
    "family": "data",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "RFC 2920 3.1; RFC 5321 4.1.1.4, 4.3.2; CVE-2000-1022; Suricata bug 6906, smtp.data_command_rejected",
    "reasons": [
      {
        "id": "refused",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "DATA was refused, and a line after it is no command of RFC 5321"
      },
      {
        "id": "refused_basic",
        "modes": {
          "monitor": "detect",
          "recommended": "detect",
          "strict": "detect",
          "submission": "detect"
        },
        "meaning": "DATA was refused, and bytes came after it"
      },
      {
        "id": "early",
        "modes": {
          "monitor": "detect",
          "recommended": "detect",
          "strict": "detect",
          "submission": "detect"
        },
        "meaning": "DATA was accepted, and bytes came before its 354"
      }
    ],
    "options": []
  },
  {
    "id": "data_line_too_long",
    "summary": "A line of a message is longer than servers have to take.",
    "family": "data",
    "modes": {
      "monitor": "detect",
      "recommended": "detect",
      "strict": "prevent",
      "submission": "detect"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "RFC 5321 4.5.3.1.6; RFC 5322 2.1.1; Cisco ASA body line length; Exim message_linelength_limit; Suricata SMTP line limit",
    "reasons": [
      {
        "id": "line",
        "modes": {
          "monitor": "detect",
          "recommended": "off",
          "strict": "detect",
          "submission": "off"
        },
        "meaning": "a line over `line_bytes`"
      },
      {
        "id": "endless",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a line over `endless_bytes`"
      }
    ],
    "options": [
      {
        "key": "line_bytes",
        "least": 1000,
        "most": 8388606,
        "meaning": "Most octets of a line, CRLF included; RFC 5321 4.5.3.1.6 has every server take 1000.",
        "type": "integer",
        "initial": 1000
      },
      {
        "key": "endless_bytes",
        "least": 1000,
        "most": 8388606,
        "meaning": "The same for `endless`; 65536 is 32 of the pieces that Postfix cuts lines into (line_length_limit), and one read window of the filter, which counts a line in 23 bits.",
        "type": "integer",
        "initial": 65536
      }
    ]
  },
  {
    "id": "header_too_long",
    "summary": "A line, a name or all of a message's header is longer than mail has.",
    "family": "data",
    "modes": {
      "monitor": "detect",
      "recommended": "detect",
      "strict": "prevent",
      "submission": "detect"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "RFC 5322 2.1.1; Snort 3 124:2, 124:7; Cisco ASA header line length; Exchange MaxHeaderSize; Suricata SMTP header limits",
    "reasons": [
      {
        "id": "line",
        "modes": {
          "monitor": "prevent",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "a header line over `line_bytes`"
      },
      {
        "id": "name",
        "modes": {
          "monitor": "prevent",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "a header name over `name_bytes`"
      },
      {
        "id": "block",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a header over `block_bytes`"
      }
    ],
    "options": [
      {
        "key": "line_bytes",
        "least": 80,
        "most": 8388606,
        "meaning": "Most octets of a header line, CRLF included; RFC 5322 2.1.1 recommends 80 and allows 1000, as Snort does (max_header_line_len).",
        "type": "integer",
        "initial": 1000
      },
      {
        "key": "name_bytes",
        "least": 32,
        "most": 998,
        "meaning": "Most octets of a header's name; 64 is Snort's limit, 998 what RFC 5322 2.1.1 leaves for it.",
        "type": "integer",
        "initial": 64
      },
      {
        "key": "block_bytes",
        "least": 32768,
        "most": 16777216,
        "meaning": "Most octets of the header and the empty line after it; Exchange takes 262144 (MaxHeaderSize), sendmail 32768 (MaxHeadersLength), Exim 1048576 (HEADER_MAXSIZE).",
        "type": "integer",
        "initial": 262144
      }
    ]
  },
  {
    "id": "message_too_large",
    "summary": "A message has, or declares, more octets than the server takes.",
    "family": "data",
    "modes": {
      "monitor": "detect",
      "recommended": "off",
      "strict": "prevent",
      "submission": "off"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "552 5.3.4",
    "sources": "RFC 1870 3, 5, 6; RFC 5321 4.5.3.1.7; Stormshield SNS BDAT size; Cisco ASA body length",
    "reasons": [
      {
        "id": "declared",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "SIZE= of MAIL is over the limit"
      },
      {
        "id": "chunk",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "one BDAT chunk is over the limit"
      },
      {
        "id": "octets",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the data of DATA, or all BDAT chunks together, are over the limit"
      }
    ],
    "options": [
      {
        "key": "bytes",
        "least": 65536,
        "most": 2147483647,
        "meaning": "Most octets of a message; 52428800 is Exim's message_size_limit, and RFC 5321 4.5.3.1.7 has every server take 65536.",
        "type": "integer",
        "initial": 52428800
      }
    ]
  },
  {
    "id": "nul_in_data",
    "summary": "The data holds a NUL.",
    "family": "data",
    "modes": {
      "monitor": "detect",
      "recommended": "detect",
      "strict": "prevent",
      "submission": "detect"
    },
    "actions": [
      "normalize",
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "RFC 5321 4.5.2; RFC 5322 4.1 (only obsolete syntax had NUL); Zeek NUL_in_line",
    "reasons": [
      {
        "id": "nul",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a NUL in the data"
      }
    ],
    "options": []
  },
  {
    "id": "smuggled_end_of_data",
    "summary": "Something in the data ends the message for one server and not for another.",
    "family": "data",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "CVE-2023-51764 (Postfix), CVE-2023-51765 (sendmail), CVE-2023-51766 (Exim); CERT VU#302671; suuhm/smtp_smuggling_checker; RFC 5321 2.3.8, 4.1.1.4, 4.5.2",
    "reasons": [
      {
        "id": "smuggled",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "an end of data that only some servers see"
      }
    ],
    "options": []
  },
  {
    "id": "cleartext_auth",
    "summary": "A password or a token goes through the network where everybody can read it.",
    "family": "encryption",
    "modes": {
      "monitor": "detect",
      "recommended": "off",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "538 5.7.11",
    "sources": "RFC 4954 4, 6, 9; RFC 8314 3; RFC 7628 3; Postfix smtpd_tls_auth_only; Snort 3 smtp auth_cmds",
    "reasons": [
      {
        "id": "password",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "PLAIN or LOGIN outside TLS"
      },
      {
        "id": "token",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "XOAUTH2 or OAUTHBEARER outside TLS"
      }
    ],
    "options": []
  },
  {
    "id": "ehlo_reply_masked",
    "summary": "A device between here and the server hides what the server offers.",
    "family": "encryption",
    "modes": {
      "monitor": "detect",
      "recommended": "off",
      "strict": "prevent",
      "submission": "off"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "Cisco ASA and PIX inspect esmtp (mask); RFC 3207 6; a capture with `250-XXXA`",
    "reasons": [
      {
        "id": "masked",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a keyword of three X or more, and one other letter at most"
      }
    ],
    "options": []
  },
  {
    "id": "starttls_command",
    "summary": "STARTTLS: after it nothing can be inspected.",
    "family": "encryption",
    "modes": {
      "monitor": "detect",
      "recommended": "off",
      "strict": "prevent",
      "submission": "off"
    },
    "actions": [
      "strip",
      "reject",
      "terminate"
    ],
    "reply": "454 4.7.0",
    "sources": "Check Point SBP-2010-06 \"SMTP STARTTLS Command\"; RFC 3207; RFC 5321 4.1.1.1, 4.2.1; Cisco ASA allow-tls",
    "reasons": [
      {
        "id": "starttls",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the client sends STARTTLS"
      }
    ],
    "options": []
  },
  {
    "id": "starttls_injection",
    "summary": "The client sends after STARTTLS before the reply: a server may run it inside TLS.",
    "family": "encryption",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "CVE-2011-0411; NO STARTTLS (USENIX Security 2021); RFC 3207 4; Snort 3 124:17",
    "reasons": [
      {
        "id": "pipelined",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "client bytes came after STARTTLS before its reply"
      }
    ],
    "options": []
  },
  {
    "id": "starttls_not_tls",
    "summary": "What follows an accepted STARTTLS is not a TLS handshake.",
    "family": "encryption",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "RFC 3207 4; RFC 8446 4, 5.1; RFC 6176; Suricata smtp.failed_protocol_change, smtp.tls_rejected",
    "reasons": [
      {
        "id": "client",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the first client bytes are not a ClientHello"
      },
      {
        "id": "server",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the first server bytes are neither a handshake nor an alert"
      }
    ],
    "options": []
  },
  {
    "id": "starttls_reply_injection",
    "summary": "The server sends after its 220 to STARTTLS: a client may take it as said inside TLS.",
    "family": "encryption",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "NO STARTTLS (USENIX Security 2021), response injection; RFC 3207 4.2",
    "reasons": [
      {
        "id": "reply",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "server bytes came after the 220 before the client's hello"
      }
    ],
    "options": []
  },
  {
    "id": "starttls_unavailable",
    "summary": "The policy asks the server for TLS, and the server does not give it.",
    "family": "encryption",
    "modes": {
      "monitor": "detect",
      "recommended": "detect",
      "strict": "prevent",
      "submission": "detect"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "RFC 3207 4.1, 6; RFC 8461 3.4; Postfix smtp_tls_security_level; \"NO STARTTLS\" (USENIX Security 2021) 5.2",
    "reasons": [
      {
        "id": "not_offered",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the reply to EHLO does not offer STARTTLS"
      },
      {
        "id": "refused",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the reply to STARTTLS is not 220"
      },
      {
        "id": "no_switch",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "nothing in the filter chain can begin TLS with the server"
      },
      {
        "id": "half_closed",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the client ended its stream before the server answered EHLO"
      }
    ],
    "options": []
  },
  {
    "id": "tls_without_starttls",
    "summary": "The client speaks TLS where nothing asked for it.",
    "family": "encryption",
    "modes": {
      "monitor": "detect",
      "recommended": "prevent",
      "strict": "prevent",
      "submission": "prevent"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "RFC 8446 5.1; RFC 8314 3.3; Suricata tests smtp-tls-protodetect and smtp-errors (smtperr.pcap)",
    "reasons": [
      {
        "id": "client_hello",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a TLS handshake record in place of a command"
      }
    ],
    "options": []
  },
  {
    "id": "auth_failures",
    "summary": "A session tries one password after the other.",
    "family": "abuse",
    "modes": {
      "monitor": "detect",
      "recommended": "off",
      "strict": "prevent",
      "submission": "off"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "RFC 4954 6, 9; Exim smtp_max_synprot_errors; Dovecot auth_failure_delay; fail2ban postfix-sasl",
    "reasons": [
      {
        "id": "refused",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the server has refused credentials of the session `failures` times"
      }
    ],
    "options": [
      {
        "key": "failures",
        "least": 1,
        "most": 254,
        "meaning": "Replies of 535 to AUTH in a session that are one too many.",
        "type": "integer",
        "initial": 5
      }
    ]
  },
  {
    "id": "junk_command_flood",
    "summary": "A session keeps the server busy with commands that move no mail.",
    "family": "abuse",
    "modes": {
      "monitor": "detect",
      "recommended": "off",
      "strict": "prevent",
      "submission": "off"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "Postfix smtpd_junk_command_limit (100); Exim smtp_accept_max_nonmail (10)",
    "reasons": [
      {
        "id": "commands",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "more than `commands` commands that move no mail since the last accepted message"
      }
    ],
    "options": [
      {
        "key": "commands",
        "least": 1,
        "most": 254,
        "meaning": "Commands that move no mail, since the last accepted message, of which one more is too many.",
        "type": "integer",
        "initial": 100
      }
    ]
  },
  {
    "id": "recipient_harvest",
    "summary": "A client tries recipients until one exists.",
    "family": "abuse",
    "modes": {
      "monitor": "detect",
      "recommended": "off",
      "strict": "prevent",
      "submission": "off"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "Cisco ASA \"match invalid-recipients\"; Postfix smtpd_hard_error_limit; RFC 5321 7.3",
    "reasons": [
      {
        "id": "refused_recipients",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "the server has refused `refused` recipients of the session for good"
      }
    ],
    "options": [
      {
        "key": "refused",
        "least": 1,
        "most": 65534,
        "meaning": "Recipients refused with 550, 551 or 553 in a session that are one too many.",
        "type": "integer",
        "initial": 10
      }
    ]
  },
  {
    "id": "source_abuse",
    "summary": "A client that has done too much harm on other connections comes back.",
    "family": "abuse",
    "modes": {
      "monitor": "detect",
      "recommended": "off",
      "strict": "prevent",
      "submission": "off"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "Postfix anvil(8), smtpd_client_recipient_rate_limit, smtpd_client_auth_rate_limit; fail2ban; Cisco ASA \"match invalid-recipients\"; RFC 5321 3.8, 7.8",
    "reasons": [
      {
        "id": "refused_recipients",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "`refused_recipients` recipients were refused with 550, 551 or 553"
      },
      {
        "id": "auth_failures",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "`auth_failures` times credentials were refused with 535"
      },
      {
        "id": "errors",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "`errors` other replies were 4xx or 5xx"
      },
      {
        "id": "findings",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "`findings` prevented findings"
      },
      {
        "id": "messages",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "`messages` messages were accepted"
      },
      {
        "id": "connections",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "`connections` connections came"
      }
    ],
    "options": [
      {
        "key": "refused_recipients",
        "least": 0,
        "most": 65535,
        "meaning": "Refused recipients of a source within a window that are one too many; 0: not counted.",
        "type": "integer",
        "initial": 100
      },
      {
        "key": "auth_failures",
        "least": 0,
        "most": 65535,
        "meaning": "The same of 535 replies to AUTH.",
        "type": "integer",
        "initial": 30
      },
      {
        "key": "errors",
        "least": 0,
        "most": 65535,
        "meaning": "The same of other error replies, as too_many_errors counts them.",
        "type": "integer",
        "initial": 0
      },
      {
        "key": "findings",
        "least": 0,
        "most": 65535,
        "meaning": "The same of findings about which something was done.",
        "type": "integer",
        "initial": 0
      },
      {
        "key": "messages",
        "least": 0,
        "most": 65535,
        "meaning": "The same of accepted messages.",
        "type": "integer",
        "initial": 0
      },
      {
        "key": "connections",
        "least": 0,
        "most": 65535,
        "meaning": "The same of connections; the one that reaches it is refused itself.",
        "type": "integer",
        "initial": 0
      },
      {
        "key": "window",
        "least": 1,
        "most": 86400,
        "meaning": "Seconds within which a source is counted.",
        "type": "integer",
        "initial": 3600
      },
      {
        "key": "duration",
        "least": 1,
        "most": 604800,
        "meaning": "Seconds for which it is refused then.",
        "type": "integer",
        "initial": 3600
      },
      {
        "key": "ipv4_prefix",
        "least": 8,
        "most": 32,
        "meaning": "Leading bits of an IPv4 address that make a source.",
        "type": "integer",
        "initial": 32
      },
      {
        "key": "ipv6_prefix",
        "least": 16,
        "most": 128,
        "meaning": "The same of an IPv6 address.",
        "type": "integer",
        "initial": 64
      },
      {
        "key": "permanent",
        "least": 0,
        "most": 0,
        "meaning": "Refuse by 554 5.7.1 instead of 421 4.7.0.",
        "type": "flag",
        "initial": false
      },
      {
        "key": "quarantine_cluster",
        "least": 0,
        "most": 0,
        "meaning": "A cluster of Envoy's that gets the connections of such a source instead of a refusal.",
        "type": "name",
        "initial": ""
      }
    ]
  },
  {
    "id": "too_many_errors",
    "summary": "A session gets one refusal after the other, or guesses at commands.",
    "family": "abuse",
    "modes": {
      "monitor": "detect",
      "recommended": "detect",
      "strict": "prevent",
      "submission": "detect"
    },
    "actions": [
      "terminate"
    ],
    "reply": "421 4.7.0",
    "sources": "Postfix smtpd_hard_error_limit (20), smtpd_soft_error_limit (10); Exim smtp_max_unknown_commands and smtp_max_synprot_errors (3); Cisco ESA (5 bad commands)",
    "reasons": [
      {
        "id": "replies",
        "modes": {
          "monitor": "prevent",
          "recommended": "off",
          "strict": "prevent",
          "submission": "off"
        },
        "meaning": "the server has refused `replies` times since the last message that it accepted"
      },
      {
        "id": "unknown_verbs",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "`unknown_verbs` commands of the session had a verb that nobody knows"
      }
    ],
    "options": [
      {
        "key": "replies",
        "least": 1,
        "most": 254,
        "meaning": "Replies of 4xx or 5xx since the last accepted message that are one too many.",
        "type": "integer",
        "initial": 20
      },
      {
        "key": "unknown_verbs",
        "least": 1,
        "most": 254,
        "meaning": "Commands with an unknown verb in a session that are one too many.",
        "type": "integer",
        "initial": 5
      }
    ]
  },
  {
    "id": "too_many_recipients",
    "summary": "A client gives more recipients in one transaction than a server has to take.",
    "family": "abuse",
    "modes": {
      "monitor": "detect",
      "recommended": "off",
      "strict": "prevent",
      "submission": "off"
    },
    "actions": [
      "reject",
      "terminate"
    ],
    "reply": "452 4.5.3",
    "sources": "RFC 5321 4.5.3.1.8, 4.5.3.1.10; Postfix smtpd_recipient_limit; Cisco ASA RCPT count; ScreenOS",
    "reasons": [
      {
        "id": "too_many",
        "modes": {
          "monitor": "prevent",
          "recommended": "prevent",
          "strict": "prevent",
          "submission": "prevent"
        },
        "meaning": "a recipient over `recipients`"
      }
    ],
    "options": [
      {
        "key": "recipients",
        "least": 100,
        "most": 65534,
        "meaning": "Most recipients of a transaction; RFC 5321 4.5.3.1.8 has every server take 100, Postfix takes 1000; they are counted in 16 bits.",
        "type": "integer",
        "initial": 1000
      }
    ]
  }
];
