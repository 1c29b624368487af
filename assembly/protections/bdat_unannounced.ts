import { Capability } from "../smtp/ehlo";
import { Reason } from "./generated-reasons";

/** BDAT although the last accepted EHLO reply, of which `offered` is the set, has no CHUNKING (RFC 3030 2). */
export function bdatUnannounced(offered: u32): Reason {
  return (offered & Capability.chunking) == 0 ? Reason.bdat_unannounced_no_chunking : Reason.none;
}
