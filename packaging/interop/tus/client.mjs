// Usage: node client.mjs ORDER, one JSON object: endpoint, token, file, and what of tus-js-client's options a test sets.
// `patch` are headers put on each PATCH, `every` on each request, `cutAfter` ends after so many bytes. Prints one JSON object.
import { readFileSync } from "node:fs";
import { argv, stdout } from "node:process";
import { Upload } from "tus-js-client";

const order = JSON.parse(argv[2]);
const told = (answer) => stdout.write(JSON.stringify({ url: upload.url, ...answer }));
const upload = new Upload(readFileSync(order.file), {
  endpoint: order.endpoint,
  uploadUrl: order.uploadUrl ?? null,
  chunkSize: order.chunkSize ?? Infinity,
  uploadSize: order.uploadSize ?? null,
  metadata: { record_id: order.recordId },
  headers: { Authorization: `Bearer ${order.token}` },
  retryDelays: null,
  onBeforeRequest(request) {
    const more = { ...order.every, ...(request.getMethod() === "PATCH" ? order.patch : {}) };
    Object.entries(more).forEach(([name, value]) => request.setHeader(name, value));
  },
  onChunkComplete(_size, sent) {
    if (order.cutAfter && sent >= order.cutAfter) upload.abort().then(() => told({ sent }));
  },
  onSuccess: () => told({ status: 204 }),
  onError: (error) => told({ status: error.originalResponse?.getStatus() ?? 0, error: error.message }),
});
upload.start();
