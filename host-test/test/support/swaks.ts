/** swaks, the command line client that mail administrators test with. */
import { execFile } from "node:child_process";

/** What a run of swaks gave. */
export interface SwaksResult {
  /** 0: delivered; 21-29: refused at a step (swaks(1), EXIT CODES). */
  exitCode: number;
  /** The conversation as swaks prints it. */
  transcript: string;
}

/**
 * Runs swaks against 127.0.0.1.
 * @throws Error that says what to install when there is no swaks.
 */
export function swaks(port: number, args: string[]): Promise<SwaksResult> {
  const all = ["--server", `127.0.0.1:${port}`, "--helo", "client.example.org", "--timeout", "20s", ...args];
  return new Promise((resolve, reject) => {
    const child = execFile("swaks", all, { encoding: "latin1" }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== "number") {
        reject(new Error(`the mail tests need swaks: apt-get install swaks (${error.message})`));
      } else {
        resolve({ exitCode: Number(error?.code ?? 0), transcript: stdout + stderr });
      }
    });
    child.stdin?.end();
  });
}
