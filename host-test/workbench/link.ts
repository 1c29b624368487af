/** What surrounds an IP packet on the supported links. */
import { viewOf } from "./bytes.js";

/** Numbers of the tcpdump registry (https://www.tcpdump.org/linktypes.html). */
const Link = { null: 0, ethernet: 1, loop: 108, cooked: 113, cooked2: 276 } as const;
/** Bare IP packets: raw IP with the numbers of BSD, OpenBSD and all others, IPv4, IPv6. */
const RAW = [12, 14, 101, 228, 229];
const READ = new Set<number>([...Object.values(Link), ...RAW]);

/** Whether frames of this link type are supported. */
export const isRead = (linkType: number): boolean => READ.has(linkType);

/** Why a frame is left out; used for counting, so there are few. */
export type LeftOut = "not IP" | "not TCP" | "IP fragment" | "damaged frame" | "unread link type";

/** The IP packet in a frame, or why there is none. */
export function ipPacket(frame: Uint8Array, linkType: number): Uint8Array | LeftOut {
  switch (linkType) {
    case Link.ethernet:
      return etherPayload(frame, 12);
    case Link.cooked:
      return etherPayload(frame, 14);
    case Link.cooked2:
      if (frame.length < 20) return "damaged frame";
      // VLAN tags, if any, come after the 20 bytes.
      return isVlan(viewOf(frame).getUint16(0))
        ? etherPayload(frame, 22)
        : isIp(viewOf(frame).getUint16(0))
          ? frame.subarray(20)
          : "not IP";
    case Link.null:
    case Link.loop:
      // Four bytes of address family, whose numbers differ between systems: the packet itself says what it is.
      return frame.length < 4 ? "damaged frame" : frame.subarray(4);
    default:
      return RAW.includes(linkType) ? frame : "unread link type";
  }
}

/** Skips VLAN tags (IEEE 802.1Q, 802.1ad and its forerunner) in front of the ether type at `at`. */
function etherPayload(frame: Uint8Array, at: number): Uint8Array | LeftOut {
  const view = viewOf(frame);
  while (at + 2 <= frame.length) {
    const type = view.getUint16(at);
    if (isIp(type)) return frame.subarray(at + 2);
    if (!isVlan(type)) return "not IP";
    at += 4;
  }
  return "damaged frame";
}

const isVlan = (etherType: number): boolean =>
  etherType === 0x8100 || etherType === 0x88a8 || etherType === 0x9100;
const isIp = (etherType: number): boolean => etherType === 0x0800 || etherType === 0x86dd;
