// Usage: node server.mjs FOLDER. Serves tus 1.0.0 at /tus on a free port, prints it, ends when standard input closes.
import { argv, stdin, stdout } from "node:process";
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";

const server = new Server({ path: "/tus", datastore: new FileStore({ directory: argv[2] }) });
const http = server.listen({ host: "127.0.0.1", port: 0 }, () => stdout.write(`${http.address().port}\n`));
stdin.on("end", () => process.exit(0)).resume();
