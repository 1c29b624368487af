/** What is said in a conversation that a protection prevents, and the steps that many of them share. */
import type { Alterations } from "../../support/altering-relay.js";
import type { Profile } from "../../support/mta-lab.js";

/** What the client says, and the codes of the replies that it then waits for. */
export type Step = [said: string, codes: string];

export interface RelaxCase {
  id: string;
  /** The profiles that prevent it; the others let it through with and without the recipe. */
  prevented?: Profile[];
  /** From the greeting on. The last step is what is prevented; its codes are those that come under the recipe. */
  steps: Step[];
  /** Codes of the replies to the last step where it is prevented; none when the connection is closed without a word. */
  refusal: string;
  /** Of the message in the steps, as Postfix stores it: where it is prevented, and under the recipe. */
  content?: { prevented?: string; relaxed: string };
  /** What a relay makes of Postfix's words. */
  altered?: Alterations;
  /** Protections that would refuse the same for reasons of their own, set in both policies. */
  also?: object;
  /** Rules of the operator's own, which it breaks. */
  rules?: object;
  /** Limits that are low enough to be reached; the recipe may raise them. */
  limits?: object;
  /** Postfix ends the session, or it goes on inside TLS: no mail is sent after the steps. */
  last?: true;
}

export const GREETING: Step = ["", "220"];
export const EHLO: Step = ["EHLO client.example.org\r\n", "250"];
export const START = [GREETING, EHLO];
export const MAIL: Step = ["MAIL FROM:<a@example.org>\r\n", "250"];
export const RCPT: Step = ["RCPT TO:<b@example.test>\r\n", "250"];
export const DATA: Step = ["DATA\r\n", "354"];
export const MESSAGE = [...START, MAIL, RCPT, DATA];
export const STRICT: Profile[] = ["strict"];
/** In strict STARTTLS is stripped, which lets nothing of it happen. */
export const WITH_STARTTLS = { starttls_command: "detect", unannounced_extension: "detect" };
export const STARTTLS_REFUSED = "502 5.5.1 Error: command not implemented";
export const OK = "250 2.0.0 Ok";
