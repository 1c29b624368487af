/** A certificate authority of the tests' own, by the openssl CLI. */
import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Paths of PEM files. */
export interface Certificate {
  cert: string;
  key: string;
}

const KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes".split(" ");

/** Signs certificates. All its files are gone after `remove`. */
export class Authority {
  private issued = 0;

  private constructor(
    readonly directory: string,
    /** The authority's own certificate, which its clients trust. */
    readonly ca: string,
    private readonly key: string,
  ) {}

  /** Makes an authority that nobody knows, in a new temporary directory. */
  static async create(): Promise<Authority> {
    const directory = await mkdtemp(join(tmpdir(), "smtp-inspector-ca-"));
    // Mail servers read certificates as users of their own.
    await chmod(directory, 0o755);
    const authority = new Authority(directory, join(directory, "ca.pem"), join(directory, "ca.key"));
    const made = ["-keyout", authority.key, "-out", authority.ca, "-subj", "/CN=Authority of a test"];
    await openssl(["req", "-x509", ...KEY, "-days", "2", ...made]);
    return authority;
  }

  /**
   * A certificate for these names, such as `DNS:mx.example.test` or `IP:127.0.0.1`.
   * @param days how long it is valid from now; a negative number makes one that has expired
   */
  async issue(names: string[], days = 2): Promise<Certificate> {
    const base = join(this.directory, String(++this.issued));
    const [cert, key] = [`${base}.pem`, `${base}.key`];
    await writeFile(`${base}.ext`, `subjectAltName=${names.join()}\nbasicConstraints=CA:FALSE\n`);
    const subject = `/CN=${names[0]?.replace(/^\w+:/, "") ?? ""}`;
    await openssl(["req", ...KEY, "-keyout", key, "-out", `${base}.csr`, "-subj", subject]);
    const by = ["-CA", this.ca, "-CAkey", this.key, "-set_serial", String(this.issued)];
    const what = ["-in", `${base}.csr`, "-out", cert, "-extfile", `${base}.ext`];
    await openssl(["x509", "-req", ...by, ...what, "-days", String(days)]);
    return { cert, key };
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}

async function openssl(args: string[]): Promise<void> {
  await promisify(execFile)("openssl", args);
}
