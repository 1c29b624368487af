/** `npm run mutants -- --help` */
import { run } from "./run.js";

const say = (line: string): void => void process.stdout.write(`${line}\n`);
process.exitCode = await run(process.argv.slice(2), say).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  return 2;
});
