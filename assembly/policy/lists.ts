/** Lists in a policy: verbs that a protection lets through, networks that it leaves alone. */
import { CidrList } from "./cidr";
import { NAME_LENGTH, NETWORKS_MOST, VERB_LENGTH, VERBS_MOST } from "./fields";
import { PolicyReader } from "./read";
import { VerbList } from "./verb-list";

/** Reads an array of verbs into `verbs`. */
export function readVerbs(reader: PolicyReader, verbs: VerbList): void {
  if (!reader.openArray("an array of verbs")) return;
  for (let i = 0; reader.nextItem(i, VERBS_MOST, VERB); i++) {
    if (!verbs.add(reader.text, VERB_LENGTH)) {
      reader.mismatch(VERB);
      return;
    }
  }
}

/** Reads an array of networks; null for an empty one, which exempts nobody. */
export function readNetworks(reader: PolicyReader): CidrList | null {
  if (!reader.openArray("an array of networks")) return null;
  const list = new CidrList();
  for (let i = 0; reader.nextItem(i, NETWORKS_MOST, NETWORK); i++) {
    const text = String.UTF8.encode(reader.text);
    if (!list.add(changetype<usize>(text), text.byteLength)) {
      reader.mismatch(NETWORK);
      return null;
    }
  }
  return list.length > 0 ? list : null;
}

/** Reads the name of a resource of Envoy's; an empty one, as after a fault, is none. */
export function readName(reader: PolicyReader): string {
  if (!reader.next()) return "";
  const text = reader.text;
  let good = reader.isString && text.length <= NAME_LENGTH;
  for (let i = 0; good && i < text.length; i++) {
    const c = text.charCodeAt(i);
    good = c > 0x20 && c < 0x7f && c != 0x22 && c != 0x5c;
  }
  if (good) return text;
  reader.mismatch(
    `a string of at most ${NAME_LENGTH.toString()} visible ASCII characters other than quotes and backslashes`,
  );
  return "";
}

const VERB: string = `a verb of 1 to ${VERB_LENGTH.toString()} letters, digits and "-"`;
const NETWORK: string = "an IPv4 or IPv6 address or network";
