import { spells } from "../smtp/scan";
import { Reason } from "./generated-reasons";

/**
 * What of a credential the mechanism [from, from + length) shows to whoever reads along: the password itself, or a token
 * that is as good while it lasts. Only for AUTH and X-EXPS in clear.
 */
export function cleartextAuth(from: usize, length: i32): Reason {
  if (spells(from, length, "PLAIN") || spells(from, length, "LOGIN")) return Reason.cleartext_auth_password;
  return spells(from, length, "XOAUTH2") || spells(from, length, "OAUTHBEARER")
    ? Reason.cleartext_auth_token
    : Reason.none;
}
