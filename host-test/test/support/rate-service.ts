/** Envoy's rate limit service, as far as a test needs it: the nth connection of a source is over the limit. */
import { once } from "node:events";
import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";

/** `RateLimitResponse.Code`. */
const [OK, OVER_LIMIT] = [1, 2];

/** A gRPC service on loopback that counts by the value of the first entry of the first descriptor. */
export class RateService {
  /** How often each source was asked about. */
  readonly asked = new Map<string, number>();

  private constructor(
    private readonly server: Http2Server,
    private readonly most: number,
  ) {}

  static async start(most: number): Promise<RateService> {
    const service = new RateService(createServer(), most);
    service.server.on("stream", (stream) => void service.answer(stream));
    await once(service.server.listen(0, "127.0.0.1"), "listening");
    return service;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  stop(): void {
    this.server.close();
  }

  private async answer(stream: ServerHttp2Stream): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    // A request has domain (1) and descriptors (2), these have entries (1) of key (1) and value (2).
    const request = fields(Buffer.concat(chunks).subarray(5));
    const entry = fields(fields(request.get(2)).get(1));
    const source = `${request.get(1)} ${entry.get(1)}=${entry.get(2)}`;
    const times = (this.asked.get(source) ?? 0) + 1;
    this.asked.set(source, times);
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, times > this.most ? OVER_LIMIT : OK]));
  }
}

/** The first text of each number in a message whose texts are all shorter than 128 bytes; numbers are passed over. */
function fields(message: Buffer = Buffer.alloc(0)): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 0; at < message.length;) {
    const tag = message[at] ?? 0;
    const size = message[at + 1] ?? 0;
    const isText = (tag & 7) === 2;
    if (isText && !found.has(tag >> 3)) found.set(tag >> 3, message.subarray(at + 2, at + 2 + size));
    at += 2 + (isText ? size : 0);
  }
  return found;
}
